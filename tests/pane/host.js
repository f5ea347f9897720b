// A stand-in for Office: what our page calls of it, and a hand for the test.
window.asked = { functions: {}, actions: {}, shown: 0, calculated: 0, editing: false };
window.CustomFunctions = {
  ErrorCode: { notAvailable: "#N/A", invalidValue: "#VALUE!", invalidNumber: "#NUM!" },
  Error: class extends Error {
    constructor(code, message) {
      if (code === "#NUM!" && message) throw new TypeError("Excel has no sentence for this error");
      super(message);
      this.code = code;
    }
  },
  associate: (name, run) => (window.asked.functions[name] = run),
};
window.Excel = {
  CalculationType: { full: "Full" },
  run: async (work) => {
    if (asked.editing) throw new Error("InvalidOperationInCellEditMode");
    const context = { application: { calculate: (how) => (asked.calculated += how === "Full") }, sync: async () => {} };
    return work(context);
  },
};
window.Office = {
  onReady: (then) => Promise.resolve({ host: "Excel" }).then(then),
  actions: { associate: (name, run) => (window.asked.actions[name] = run) },
  addin: { showAsTaskpane: async () => (window.asked.shown += 1) },
};
/** A cell as Excel would show it. */
const shown = (cell) => (cell instanceof CustomFunctions.Error ? { error: cell.code, message: cell.message } : { value: cell });
/** Calculate many cells at once, as Excel does: [name, arguments, how many it declares] each. Its own argument comes last. */
window.calculate = (cells) =>
  Promise.all(
    cells.map(([name, given, declared]) =>
      window.asked.functions[name](...Array.from({ length: declared }, (_, n) => given[n] ?? null), { functionName: name }).then(
        (rows) => rows.map((row) => row.map(shown)),
        (error) => [[shown(error)]],
      ),
    ),
  );
