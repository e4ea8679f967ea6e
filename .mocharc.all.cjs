const { availableParallelism } = require('node:os');

// All tests: as many files at a time as there are cores.
module.exports = { ...require('./.mocharc.json'), parallel: true, jobs: availableParallelism() };
