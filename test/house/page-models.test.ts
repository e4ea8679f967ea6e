import assert from 'node:assert/strict';
import { join } from 'node:path';
import ts from 'typescript';
import { PROJECT_ROOT } from '#server/lib/project-root.js';
import { sources } from './sources.js';
import { readsOf, type Known, type Model } from './template-reads.js';

interface Shown {
  /** Which of these. */
  templates: readonly string[];
  call: ts.CallExpression;
  /** What the page function gives, by its type. */
  given: Model;
}

/** What pages are given that do not say which template they show. */
const DEAD_LINKS = [
  'invitations/invalid',
  'password-reset/invalid',
  'email/invalid',
  'disavowal/invalid',
  'sign-in/link-invalid',
];

describe('What a page function gives is what its templates read', () => {
  let checker: ts.TypeChecker;
  let shell: Model;
  let shown: Shown[];
  before(() => {
    // A compiler reads the whole portal: on a busy machine that takes its time.
    const files = sources(['server/http', 'server/features'], '.ts').filter(({ text }) => /\bshow\(/.test(text));
    const { config } = ts.readConfigFile(join(PROJECT_ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
      config: { compilerOptions: object };
    };
    const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, PROJECT_ROOT);
    const program = ts.createProgram(
      files.map(({ path }) => join(PROJECT_ROOT, path)),
      options,
    );
    checker = program.getTypeChecker();
    const sourceFiles = files.flatMap(({ path }) => program.getSourceFile(join(PROJECT_ROOT, path)) ?? []);
    shell = shellOf(sourceFiles);
    shown = sourceFiles.flatMap(callsOf);
  });

  it('No template reads a key that nobody gave, or of one what it has not', () => {
    assert.ok(shown.length > 40, 'The pages are found.');
    const missing = shown.flatMap(({ templates, call, given }) =>
      templates.flatMap((one) => readsOf(checker, call, one, new Map([...shell, ...given])).missing),
    );
    assert.deepEqual([...new Set(missing)], []);
  });

  it('No page function gives what no template reads', () => {
    const laidOut = ['layouts/portal', 'layouts/entrance'];
    const idle = shown.flatMap(({ templates, call, given }) => {
      const model = new Map([...shell, ...given]);
      const read = new Set([...templates, ...laidOut].flatMap((one) => [...readsOf(checker, call, one, model).keys]));
      return [...given.keys()]
        .filter((key) => !read.has(key) && !OF_EVERY_PAGE.has(key))
        .map((key) => `${templates.join(' or ')}: ${key}`);
    });
    assert.deepEqual([...new Set(idle)], Object.keys(IDLE));
  });

  /** What every page has: the object that `show` makes. */
  function shellOf(files: readonly ts.SourceFile[]): Model {
    const file = files.find(({ fileName }) => fileName.endsWith('server/http/page.ts'));
    let found: ts.Node | undefined;
    const look = (node: ts.Node): void => {
      if (ts.isVariableDeclaration(node) && node.name.getText() === 'page') found = node.initializer;
      ts.forEachChild(node, look);
    };
    if (file) look(file);
    assert.ok(found && ts.isObjectLiteralExpression(found));
    return new Map([...modelOf(found, true), ['body', null], ['title', null]]);
  }

  function callsOf(file: ts.SourceFile): Shown[] {
    const calls: Shown[] = [];
    const look = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && node.expression.getText() === 'show') {
        const [, name, model] = node.arguments;
        assert.ok(name && model);
        calls.push({ templates: templatesOf(name), call: node, given: modelOf(model, false) });
      }
      ts.forEachChild(node, look);
    };
    look(file);
    return calls;
  }

  function templatesOf(name: ts.Expression): string[] {
    const type = checker.getTypeAtLocation(name);
    const named = (type.isUnion() ? type.types : [type]).flatMap((one) => (one.isStringLiteral() ? one.value : []));
    return named.length > 0 ? named : DEAD_LINKS;
  }

  function modelOf(node: ts.Expression, own: boolean): Map<string, Known> {
    const model = new Map<string, Known>();
    // What is spread into the shell is the page's own.
    if (own && ts.isObjectLiteralExpression(node)) {
      for (const one of node.properties) {
        if (ts.isSpreadAssignment(one) && one.expression.getText() === 'model') continue;
        const expression = ts.isSpreadAssignment(one) ? one.expression : null;
        if (expression) for (const [key, known] of modelOf(expression, false)) model.set(key, known);
        else if (one.name) model.set(one.name.getText(), [checker.getTypeAtLocation(one.name)]);
      }
      return model;
    }
    for (const key of checker.getTypeAtLocation(node).getProperties())
      model.set(key.name, [checker.getTypeOfSymbolAtLocation(key, node)]);
    return model;
  }
});

/** What a page is given with others like it, and has no use for. */
const IDLE: Readonly<Record<string, string>> = {
  'email/confirm: account': 'who chooses a password on the page of a link is told to a password manager',
};

/** Read by what stands around every page, or by the elements in it. */
const OF_EVERY_PAGE: ReadonlySet<string> = new Set([
  'title',
  'errors',
  'values',
  'layout',
  'flash',
  'csrf',
  'when',
  'exact',
  'ago',
  'since',
  'iso',
]);
