// A stand-in for Office: what our page calls of it, and a hand for the test.
window.asked = { functions: {}, actions: {}, shown: 0 };
window.CustomFunctions = {
  ErrorCode: { notAvailable: "#N/A", invalidValue: "#VALUE!", invalidNumber: "#NUM!" },
  Error: class extends Error {
    constructor(code, message) {
      super(message);
      this.code = code;
    }
  },
  associate: (name, run) => (window.asked.functions[name] = run),
};
window.Office = {
  onReady: (then) => Promise.resolve({ host: "Excel" }).then(then),
  actions: { associate: (name, run) => (window.asked.actions[name] = run) },
  addin: { showAsTaskpane: async () => (window.asked.shown += 1) },
};
/** A cell as Excel would show it. */
const shown = (cell) => (cell instanceof CustomFunctions.Error ? { error: cell.code, message: cell.message } : { value: cell });
/** Calculate many cells at once, as Excel does: [name, arguments] each. */
window.calculate = (cells) =>
  Promise.all(
    cells.map(([name, given]) =>
      window.asked.functions[name](...given, { functionName: name }).then(
        (rows) => rows.map((row) => row.map(shown)),
        (error) => [[shown(error)]],
      ),
    ),
  );
