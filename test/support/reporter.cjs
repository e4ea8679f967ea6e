const { reporters, Runner } = require('mocha');

/** mocha's own report, then a line for each test that failed, and one last line that any reader of logs knows. */
module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      const failed = this.failures.map((test) => `failed: ${test.titlePath().join(' › ')}: ${inOneLine(test.err)}\n`);
      process.on('exit', () =>
        process.stdout.write(`${failed.join('')}${passes} passed, ${failures} failed, ${pending} skipped\n`),
      );
    });
  }
};

function inOneLine(error) {
  return String(error?.message).replace(/\s+/g, ' ').slice(0, 300);
}
