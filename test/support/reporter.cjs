const { reporters, Runner } = require('mocha');

/** mocha's own report, then a line for each test that failed, and one last line that any reader of logs knows. */
module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    let late = 0;
    runner.on(Runner.constants.EVENT_TEST_PENDING, () => {
      if (Date.now() > 1000 * Number(process.env.TESTS_BEGIN_UNTIL ?? Infinity)) late += 1;
    });
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      const lines = this.failures.map((test) => `failed: ${test.titlePath().join(' › ')}: ${inOneLine(test.err)}`);
      if (late > 0) lines.push(`not begun in time: ${late}`);
      lines.push(`${passes} passed, ${failures} failed, ${pending} skipped`);
      process.on('exit', () => process.stdout.write(`${lines.join('\n')}\n`));
    });
  }
};

function inOneLine(error) {
  return String(error?.message).replace(/\s+/g, ' ').slice(0, 300);
}
