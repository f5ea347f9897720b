"""`biaomao chaos`: people, troubles and a kill switch around the real engine, to watch; judged by nobody of the engine's own.

    run.py      the demonstration from beginning to end: its own folder, its own sandbox, its own time
    place.py    where the workbook lives meanwhile, and a person's hands in it (`Desk`)
    people.py   what people do there; `diary.py` remembers every key they pressed
    engine.py   the real engine as a process of its own; `driver.py` starts and kills it
    judge.py    the diary, the sandbox's log and state, and the sheet as people see it: was every promise kept?
    screen.py   what the terminal shows

The judge takes nothing from stores, plan, journal or clients: it knows the declared tables and what stands in the sheet.
"""
