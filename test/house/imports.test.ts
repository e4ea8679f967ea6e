import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as enumerations from '#policies/enumerations.js';
import { PROJECT_ROOT } from '#server/lib/project-root.js';
import { importsOf, sources } from './sources.js';

/** A room of the house: which files are in it, and which files these may import. The first that matches counts. */
interface Room {
  name: string;
  holds: RegExp;
  may: readonly RegExp[];
  /** Of packages only these; by default any. */
  packages?: readonly string[];
}

const POLICIES = /^policies\//;
const LIB = /^server\/lib\//;
const MODELS = /^models\//;
const CONFIG = /^server\/(config|secret-keys|data-folder|dot-env|misspelt|trust-proxy)\.ts$/;
const CONTEXT = /^server\/context\.ts$/;
const ERRORS = /^server\/errors\.ts$/;
const FACTORS = /^server\/identity\/factor-kinds?\.ts$/;
const SERVICES = /^server\/services\.ts$/;
const TRACE = /^server\/trace\//;
const MAIL = /^server\/mail\//;
const JOBS = /^server\/jobs\//;
const HTTP = /^server\/http\//;
const API = /^server\/api\//;
const KEYS = /^server\/keys\//;
const BACKUP = /^server\/backup\//;
const HEALTH = /^server\/health\//;
const CHECKUP = /^server\/checkup\//;
const IDENTITY = /^server\/identity\//;
const INPUT = /^server\/input\//;

/** Of the kinds of input what a door needs: how to read one, and what it can be told. */
const READING = /^server\/input\/(read|ids|kind)\.ts$/;

/** Who may, in the words that both doors share. */
const WORDS = /^server\/input\/access\.ts$/;
const KINDS = /^server\/input\/(text|names|choices|numbers|times|addresses)\.ts$/;

/** The doors of a feature; whatever else stands in its folder is what happens, and knows no door. */
const PAGES = /^server\/features\/[a-z-]+\/([a-z-]+-)?(pages|page|passport)\.ts$/;
const API_DOOR = /^server\/features\/[a-z-]+\/([a-z-]+-)?api\.ts$/;
const INPUTS = /^server\/features\/[a-z-]+\/input\.ts$/;
const ROUTES = /^server\/features\/[a-z-]+\/([a-z-]+-)?routes\.ts$/;
const LISTS = /^server\/features\/[a-z-]+\.ts$/;
const ACTIONS = /^server\/features\/[a-z-]+\/(?!(input|([a-z-]+-)?(pages|page|passport|api|routes))\.ts$)[a-z-]+\.ts$/;

const ROOMS: readonly Room[] = [
  { name: 'policies', holds: POLICIES, may: [POLICIES], packages: ['node:net', 'node:url'] },
  { name: 'lib', holds: LIB, may: [LIB] },
  { name: 'models', holds: MODELS, may: [MODELS, POLICIES, LIB] },
  { name: 'errors', holds: ERRORS, may: [], packages: [] },
  { name: 'config', holds: CONFIG, may: [LIB, CONFIG] },
  { name: 'context', holds: CONTEXT, may: [MODELS, POLICIES, LIB, CONFIG] },
  // Which kinds of factor there are is said to the whole process at once.
  { name: 'services', holds: SERVICES, may: [FACTORS, MODELS, POLICIES, LIB, CONFIG, CONTEXT, ERRORS] },
  { name: 'trace', holds: TRACE, may: [TRACE, MODELS, POLICIES, LIB, CONFIG, CONTEXT, ERRORS] },
  { name: 'mail', holds: MAIL, may: [MAIL, MODELS, POLICIES, LIB, CONFIG, CONTEXT, ERRORS] },
  // Which secret keys the database was made with, and what stands on each.
  { name: 'keys', holds: KEYS, may: [KEYS, TRACE, MODELS, POLICIES, LIB, CONFIG, CONTEXT, ERRORS] },
  // The database as one file, and back: what an operator has when a machine is gone.
  {
    name: 'backup',
    holds: BACKUP,
    // Whose keys they are is noted where they are first held, which tells the operators.
    may: [BACKUP, KEYS, IDENTITY, TRACE, MODELS, POLICIES, LIB, CONFIG, CONTEXT, SERVICES, ERRORS],
  },
  // How the installation is: said once, for page, API, metrics, readiness and doctor.
  { name: 'health', holds: HEALTH, may: [HEALTH, BACKUP, KEYS, MODELS, POLICIES, LIB, CONFIG, CONTEXT, ERRORS] },
  // What to do next about an account or an organisation: read by its own pages, Security and the overview.
  { name: 'check-up', holds: CHECKUP, may: [CHECKUP, IDENTITY, MODELS, POLICIES, LIB, CONTEXT] },
  // Who somebody is, how they prove it and what lets them in: knows no door, and no feature.
  { name: 'identity', holds: IDENTITY, may: [IDENTITY, TRACE, MAIL, MODELS, POLICIES, LIB, CONFIG, CONTEXT, ERRORS] },
  // Kinds of field, each with its spelling in a form and in JSON; how a body is read, and what a status is called.
  { name: 'kinds of input', holds: INPUT, may: [INPUT, POLICIES, LIB, ERRORS] },
  // What runs by the clock does what a person could: by the same actions.
  {
    name: 'jobs',
    holds: JOBS,
    may: [JOBS, KEYS, IDENTITY, TRACE, MAIL, MODELS, POLICIES, LIB, CONFIG, CONTEXT, ERRORS, ACTIONS],
  },
  {
    name: 'actions',
    holds: ACTIONS,
    may: [ACTIONS, HEALTH, CHECKUP, IDENTITY, MODELS, POLICIES, LIB, TRACE, MAIL, ERRORS, CONTEXT],
  },
  // An input may name what its actions and the catalogue know: the columns to sort by, the events there are.
  { name: 'inputs', holds: INPUTS, may: [ACTIONS, INPUT, POLICIES, LIB, /^server\/trace\/events\.ts$/] },
  // One page is made of the sections of several features: it may ask them for theirs.
  {
    name: 'pages',
    holds: PAGES,
    may: [
      PAGES,
      ACTIONS,
      HEALTH,
      CHECKUP,
      IDENTITY,
      INPUTS,
      READING,
      HTTP,
      POLICIES,
      MODELS,
      LIB,
      TRACE,
      MAIL,
      ERRORS,
      CONTEXT,
      CONFIG,
    ],
  },
  {
    name: 'api doors',
    holds: API_DOOR,
    may: [
      API_DOOR,
      ACTIONS,
      HEALTH,
      CHECKUP,
      IDENTITY,
      INPUTS,
      WORDS,
      API,
      POLICIES,
      MODELS,
      LIB,
      TRACE,
      ERRORS,
      CONTEXT,
      CONFIG,
    ],
  },
  { name: 'routes', holds: ROUTES, may: [PAGES, API_DOOR, API, POLICIES, WORDS, /^server\/http\/route\.ts$/] },
  { name: 'the lists', holds: LISTS, may: [ROUTES, API_DOOR, HTTP, API, POLICIES] },
  { name: 'http', holds: HTTP, may: [HTTP, HEALTH, IDENTITY, INPUT, MODELS, POLICIES, LIB, CONFIG, CONTEXT, ERRORS] },
  { name: 'api', holds: API, may: [API, IDENTITY, INPUT, HTTP, MODELS, POLICIES, LIB, TRACE, CONFIG, CONTEXT, ERRORS] },
  // A form's words are the same by every door.
  // The command line reads what was typed by the same forms.
  {
    name: 'command line',
    holds: /^server\/cli\//,
    may: [
      /^server\/cli\//,
      ACTIONS,
      IDENTITY,
      INPUTS,
      READING,
      MODELS,
      POLICIES,
      LIB,
      TRACE,
      MAIL,
      JOBS,
      KEYS,
      BACKUP,
      HEALTH,
      CHECKUP,
      CONFIG,
      CONTEXT,
      SERVICES,
      ERRORS,
    ],
  },
  { name: 'boot', holds: /^server\/[a-z-]+\.ts$/, may: [/./] },
];

const WITHOUT_DATABASE = ['test/config', 'test/input', 'test/lib', 'test/policies'];

describe('Every room of the house imports only from the rooms it may', () => {
  const files = sources(['policies', 'models', 'server'], '.ts');

  for (const room of ROOMS) {
    it(room.name, () => {
      const wrong = files
        .filter(({ path }) => roomOf(path) === room)
        .flatMap((file) =>
          importsOf(file)
            .filter(({ path, name }) =>
              path === null ? room.packages?.includes(name) === false : !room.may.some((allowed) => allowed.test(path)),
            )
            .map(({ name }) => `${file.path} imports ${name}`),
        );
      assert.deepEqual(wrong, []);
    });
  }

  it('Every file is in a room', () => {
    assert.deepEqual(
      files.filter(({ path }) => !roomOf(path)).map(({ path }) => path),
      [],
    );
  });

  it('Everything that is imported is there', () => {
    const there = new Set(files.map(({ path }) => path));
    const missing = files.flatMap((file) =>
      importsOf(file)
        .filter(({ path }) => path !== null && !there.has(path))
        .map(({ name }) => `${file.path} imports ${name}`),
    );
    assert.deepEqual(missing, []);
  });

  it('Only config.ts reads the environment, and only the clock tells the time', () => {
    const readers = files.filter(({ text }) => /process\.env\b/.test(text)).map(({ path }) => path);
    assert.deepEqual(readers, ['server/config.ts']);
    const clocks = files.filter(({ text }) => /\bDate\.now\(|new Date\(\)/.test(text)).map(({ path }) => path);
    // A migration and a mail on the disk are dated for people alone.
    assert.deepEqual(clocks, ['models/migrations/index.ts', 'server/lib/clock.ts', 'server/mail/mailer.ts']);
  });

  it('A form or a body is said in the input.ts of its feature, of kinds of field that stand in server/input', () => {
    const outside = files.filter(({ path }) => path.startsWith('server/') && !INPUT.test(path) && !INPUTS.test(path));
    assert.deepEqual(
      outside
        .filter((file) => importsOf(file).some(({ path }) => path !== null && KINDS.test(path)))
        .map(({ path }) => path),
      [],
      'Only an input.ts is made of kinds of field.',
    );
    assert.deepEqual(
      outside
        .filter(({ text }) => /\basForm\(|\basBody\(|\basChanges\(|\bas(Query|Filters|LooseBody)\(/.test(text))
        .map(({ path }) => path),
      [],
    );
    const made = /\b(?:form|body): (?:z|as[A-Z])\b|z\.strictObject\((?!\{\}\))/;
    assert.deepEqual(
      outside
        .filter(({ path, text }) => path.startsWith('server/features/') && made.test(text))
        .map(({ path }) => path),
      [],
      'No schema of what is sent is written where it is read.',
    );
    const inputs = files.filter(({ path }) => INPUTS.test(path));
    assert.deepEqual(
      inputs.filter(({ text }) => /import \{ z \}/.test(text)).map(({ path }) => path),
      [],
      'An input.ts makes no kind of its own.',
    );
  });

  it('The words that a column may hold are listed in policies/enumerations.ts alone', () => {
    const every: [string, readonly string[]][] = Object.entries(enumerations);
    // Where there is one word yet, whoever writes it lists nothing.
    const lists = every.filter(([, words]) => words.length > 1);
    assert.ok(lists.length > 10, 'The lists are found.');
    const quoted = (words: readonly string[], by: string): RegExp =>
      new RegExp(words.map((word) => `'${word}'`).join(`\\s*${by}\\s*`));
    const again = lists.flatMap(([name, words]) =>
      files
        // What a migration has made stays as it was; a file of packages alone can import no list.
        .filter(({ path }) => path !== 'policies/enumerations.ts' && !path.startsWith('models/migrations/'))
        .filter(({ text }) => quoted(words, ',').test(text) || quoted(words, '\\|').test(text))
        .map(({ path }) => `${path} lists ${name}`),
    );
    assert.deepEqual(again, []);
  });

  it('Actions know no request, no answer and no HTML', () => {
    const doors = /from '(express|express-session|ejs|passport|passport-local)'/;
    assert.deepEqual(
      files.filter(({ path, text }) => roomOf(path)?.name === 'actions' && doors.test(text)).map(({ path }) => path),
      [],
    );
  });

  it('Tests of the rooms that know no database make none: the run on PostgreSQL leaves them out', () => {
    const tests = sources(WITHOUT_DATABASE, '.ts');
    assert.ok(tests.length > 30, `${tests.length} files`);
    const made = /support\/(portal|template|installation|postgres|commands|listening)\.js|\b(connect|openDatabase)\(/;
    const wrong = tests.filter(({ text }) => made.test(text.replace(/^import type .*$/gm, '')));
    assert.deepEqual(
      wrong.map(({ path }) => path),
      [],
    );
    const run = readFileSync(join(PROJECT_ROOT, '.ci/run'), 'utf8');
    for (const room of WITHOUT_DATABASE) assert.ok(run.includes(`--ignore '${room}/**'`), room);
  });
});

function roomOf(path: string): Room | undefined {
  return ROOMS.find(({ holds }) => holds.test(path));
}
