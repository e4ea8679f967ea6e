const { availableParallelism } = require('node:os');

// All tests: one file more at a time than there are cores, since some wait for a program, a disk or a database.
module.exports = { ...require('./.mocharc.json'), parallel: true, jobs: availableParallelism() + 1 };
