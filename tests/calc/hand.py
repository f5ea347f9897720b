"""A hand on a running Calc: reads one request a line, does it over UNO, writes one answer a line.

Runs in a Python that has `uno`, not in the tests' own; so it is plain and imports nothing of ours.
"""

import json
import sys
import time

import uno
from com.sun.star.accessibility import AccessibleRole
from com.sun.star.beans import PropertyValue
from com.sun.star.uno import Exception as UnoException

CROWDED = {
    getattr(AccessibleRole, name)
    for name in (
        "TABLE",
        "DOCUMENT_SPREADSHEET",
        "MENU_BAR",
        "TOOL_BAR",
        "STATUS_BAR",
        "COMBO_BOX",
        "LIST",
        "PAGE_TAB_LIST",
    )
}  # what has many parts and none of them of ours
FILTERS = {"xlsx": "Calc MS Excel 2007 XML", "ods": "calc8"}


def named(name, value):
    pair = PropertyValue()
    pair.Name, pair.Value = name, value
    return pair


class Hand:
    def __init__(self, pipe, seconds):
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        self.context = self._connect(
            resolver, f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext", seconds
        )
        self.desktop = self._make("com.sun.star.frame.Desktop")
        self.documents = {}

    def _connect(self, resolver, address, seconds):
        for _ in range(seconds * 10):
            try:
                return resolver.resolve(address)
            except UnoException:
                time.sleep(0.1)
        raise SystemExit(f"no office within {seconds} s")

    def _make(self, service):
        return self.context.ServiceManager.createInstanceWithContext(service, self.context)

    def _sheet(self, name):
        return self.documents[name].Sheets.getByIndex(0)

    def open(self, name, url="private:factory/scalc"):
        self.documents[name] = self.desktop.loadComponentFromURL(url, "_blank", 0, ())

    def save(self, name, url):
        self.documents[name].storeToURL(url, (named("FilterName", FILTERS[url.rpartition(".")[2]]),))

    def close(self, name):
        self.documents.pop(name).close(True)

    def type(self, name, cells):
        """Formulas as a person types them."""
        for where, formula in cells.items():
            self._sheet(name).getCellRangeByName(where).FormulaLocal = formula

    def fill(self, name, where, rows):
        self._sheet(name).getCellRangeByName(where).setDataArray(tuple(tuple(row) for row in rows))

    def formulas(self, name, where, rows):
        self._sheet(name).getCellRangeByName(where).setFormulaArray(tuple(tuple(row) for row in rows))

    def array(self, name, where, formula):
        self._sheet(name).getCellRangeByName(where).setArrayFormula(formula)

    def read(self, name, where):
        """What each cell shows: a number, a text, or {"error": Calc's code}."""
        cells = self._sheet(name).getCellRangeByName(where)
        return [
            [self._error(cells, x, y) if one is None else one for x, one in enumerate(row)]
            for y, row in enumerate(cells.getDataArray())
        ]

    def type_at(self, name, tab, where, text):
        """Into a cell of any sheet."""
        self.documents[name].Sheets.getByName(tab).getCellRangeByName(where).FormulaLocal = text

    def read_at(self, name, tab, where):
        """The values of a range of any sheet."""
        cells = self.documents[name].Sheets.getByName(tab).getCellRangeByName(where)
        return [list(row) for row in cells.getDataArray()]

    def _error(self, cells, x, y):
        return {"error": cells.getCellByPosition(x, y).getError()}

    def recalculate(self, name):
        """Every cell anew; gives the seconds."""
        start = time.perf_counter()
        self.documents[name].calculateAll()
        return time.perf_counter() - start

    def press(self, name, url, argument=None):
        """What a button of the window does."""
        frame = self.documents[name].CurrentController.Frame
        address = uno.createUnoStruct("com.sun.star.util.URL")
        address.Complete = url
        _, address = self._make("com.sun.star.util.URLTransformer").parseStrict(address)
        dispatch = frame.queryDispatch(address, "_self", 0)
        if dispatch is None:
            return False
        dispatch.dispatch(address, () if argument is None else (named("Argument", argument),))
        return True

    def has_bar(self, name):
        return self.documents[name].CurrentController.hasInfobar("biaomao")

    def bar(self, name):
        """What the bar above the sheet says, as a screen reader hears it; "" where there is none."""
        window = self.documents[name].CurrentController.Frame.ContainerWindow
        labels = list(self._labels(window.getAccessibleContext(), 0))
        return labels[labels.index("表猫") + 1] if "表猫" in labels else ""

    def _labels(self, node, depth):
        if node.getAccessibleRole() == AccessibleRole.STATIC:
            yield node.getAccessibleName()
        if depth < 11 and node.getAccessibleRole() not in CROWDED:
            for number in range(node.getAccessibleChildCount()):
                yield from self._labels(node.getAccessibleChild(number).getAccessibleContext(), depth + 1)

    def wizard(self):
        """Our functions as the function wizard shows them."""
        known = self._make("com.sun.star.sheet.FunctionDescriptions")
        found = ({one.Name: one.Value for one in known.getByIndex(i)} for i in range(known.Count))
        return {
            one["Name"]: [one["Description"], [a.Name for a in one["Arguments"] or ()]]
            for one in found
            if one["Name"].startswith("ERP.")
        }

    def version(self):
        return sys.version_info[:2]


def main():
    hand = Hand(sys.argv[1], int(sys.argv[2]))
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"value": getattr(hand, request["do"])(*request["given"])}
        except UnoException as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
