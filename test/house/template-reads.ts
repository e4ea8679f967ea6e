import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ejs from 'ejs';
import ts from 'typescript';
import { PROJECT_ROOT } from '#server/lib/project-root.js';

/** What something in a template may be: one of these types; null when nothing is known of it. */
export type Known = readonly ts.Type[] | null;

/** What a template sees as `page`. */
export type Model = ReadonlyMap<string, Known>;

/** What the templates of a page read, and what of it nobody gives. */
export interface Reads {
  keys: Set<string>;
  missing: string[];
}

type Names = ReadonlyMap<string, Known>;

/** Walks a template, and those that it includes but elements, with what the types say of the page that they are given. */
export function readsOf(checker: ts.TypeChecker, at: ts.Node, template: string, model: Model): Reads {
  const reads: Reads = { keys: new Set(), missing: [] };
  walkTemplate({ checker, at, reads, name: template, model }, template);
  return { keys: reads.keys, missing: [...new Set(reads.missing)] };
}

interface Walk {
  checker: ts.TypeChecker;
  at: ts.Node;
  reads: Reads;
  name: string;
  model: Model;
}

function walkTemplate(walk: Walk, name: string): void {
  visit({ ...walk, name }, sourceOf(name), new Map());
}

const parsed = new Map<string, ts.SourceFile>();

function sourceOf(name: string): ts.SourceFile {
  let source = parsed.get(name);
  if (!source) {
    const text = readFileSync(join(PROJECT_ROOT, 'views', `${name}.ejs`), 'utf8');
    const template = new ejs.Template(text, { _with: false, compileDebug: false }) as unknown as {
      compile(): void;
      source: string;
    };
    template.compile();
    source = ts.createSourceFile(`${name}.js`, template.source, ts.ScriptTarget.ESNext, true, ts.ScriptKind.JS);
    parsed.set(name, source);
  }
  return source;
}

/** Visits what a node holds, in order, each block with names of its own. */
function visit(walk: Walk, node: ts.Node, names: Names): void {
  const own = new Map(names);
  ts.forEachChild(node, (child) => {
    if (ts.isVariableDeclarationList(child)) {
      for (const one of child.declarations) {
        if (one.initializer) visitOne(walk, one.initializer, own);
        bind(walk, one.name, one.initializer ? typeOf(walk, one.initializer, own) : null, own);
      }
      return;
    }
    if (ts.isVariableStatement(child)) {
      visit(walk, child, own);
      for (const one of child.declarationList.declarations)
        bind(walk, one.name, one.initializer ? typeOf(walk, one.initializer, own) : null, own);
      return;
    }
    visitOne(walk, child, own);
  });
}

function visitOne(walk: Walk, node: ts.Node, names: Names): void {
  if (ts.isForOfStatement(node)) {
    visitOne(walk, node.expression, names);
    const own = new Map(names);
    const [declared] = ts.isVariableDeclarationList(node.initializer) ? node.initializer.declarations : [];
    if (declared) bind(walk, declared.name, elementOf(walk, typeOf(walk, node.expression, names)), own);
    visit(walk, node.statement, own);
    return;
  }
  if (ts.isCallExpression(node)) {
    visitCall(walk, node, names);
    return;
  }
  if (ts.isPropertyAccessExpression(node)) typeOf(walk, node, names);
  if (ts.isFunctionLike(node)) {
    const own = new Map(names);
    for (const { name } of node.parameters) bind(walk, name, null, own);
    visit(walk, node, own);
    return;
  }
  visit(walk, node, names);
}

const OF_EACH = new Set(['forEach', 'map', 'filter', 'find', 'some', 'every', 'flatMap']);

function visitCall(walk: Walk, call: ts.CallExpression, names: Names): void {
  const { expression } = call;
  if (ts.isIdentifier(expression) && expression.text === 'include') {
    for (const given of call.arguments) visitOne(walk, given, names);
    const [name, passed] = call.arguments;
    if (name && ts.isStringLiteral(name) && !name.text.startsWith('/elements/')) {
      const model = new Map(walk.model);
      if (passed && ts.isObjectLiteralExpression(passed))
        for (const one of passed.properties) {
          if (!one.name || !ts.isIdentifier(one.name)) continue;
          const value = ts.isPropertyAssignment(one) ? one.initializer : one.name;
          model.set(one.name.text, typeOf(walk, value, names));
        }
      walkTemplate({ ...walk, model }, name.text);
    }
    return;
  }
  visitOne(walk, expression, names);
  const each =
    ts.isPropertyAccessExpression(expression) && OF_EACH.has(expression.name.text)
      ? elementOf(walk, typeOf(walk, expression.expression, names))
      : null;
  for (const given of call.arguments) {
    if (!ts.isArrowFunction(given)) {
      visitOne(walk, given, names);
      continue;
    }
    const own = new Map(names);
    given.parameters.forEach(({ name }, place) => bind(walk, name, place === 0 ? each : null, own));
    visit(walk, given, own);
    visitOne(walk, given.body, own);
  }
}

function bind(walk: Walk, name: ts.BindingName, known: Known, names: Map<string, Known>): void {
  if (ts.isIdentifier(name)) {
    names.set(name.text, known);
    return;
  }
  name.elements.forEach((one, place) => {
    if (!ts.isBindingElement(one)) return;
    if (ts.isArrayBindingPattern(name)) {
      bind(walk, one.name, tupleOf(walk, known, place), names);
      return;
    }
    const key = one.propertyName ?? one.name;
    const known2 = ts.isIdentifier(key) && known !== PAGE ? property(walk, known, key.text, name) : null;
    bind(walk, one.name, known === PAGE && ts.isIdentifier(key) ? ofPage(walk, key.text) : known2, names);
  });
}

/** Stands for `page` itself. */
const PAGE: Known = [];

function typeOf(walk: Walk, node: ts.Node, names: Names): Known {
  if (ts.isIdentifier(node)) return node.text === 'page' ? PAGE : (names.get(node.text) ?? null);
  if (ts.isParenthesizedExpression(node)) return typeOf(walk, node.expression, names);
  if (ts.isPropertyAccessExpression(node)) {
    const of = typeOf(walk, node.expression, names);
    return of === PAGE ? ofPage(walk, node.name.text) : property(walk, of, node.name.text, node);
  }
  if (ts.isElementAccessExpression(node)) {
    const of = typeOf(walk, node.expression, names);
    return of === PAGE ? null : elementOf(walk, of);
  }
  return null;
}

function ofPage({ reads, model, name }: Walk, key: string): Known {
  reads.keys.add(key);
  const known = model.get(key);
  if (known === undefined) reads.missing.push(`views/${name.replace(/^\//, '')}.ejs reads page.${key}`);
  return known ?? null;
}

function property({ checker, at, reads, name }: Walk, of: Known, key: string, node: ts.Node): Known {
  if (of === null || of.length === 0) return null;
  const each = of.flatMap((one) => partsOf(checker, one));
  if (each.length === 0 || each.some((one) => isOpen(checker, one))) return null;
  const found = each.flatMap((one) => checker.getPropertyOfType(checker.getApparentType(one), key) ?? []);
  if (found.length === 0) {
    reads.missing.push(`views/${name.replace(/^\//, '')}.ejs reads ${node.getText().slice(0, 60)}: there is no ${key}`);
    return null;
  }
  return found.map((one) => checker.getTypeOfSymbolAtLocation(one, at));
}

function elementOf({ checker }: Walk, of: Known): Known {
  if (of === null) return null;
  const found = of
    .flatMap((one) => partsOf(checker, one))
    .flatMap((one) => checker.getIndexTypeOfType(one, ts.IndexKind.Number) ?? []);
  return found.length === 0 ? null : found;
}

function tupleOf({ checker }: Walk, of: Known, place: number): Known {
  const found = (of ?? [])
    .flatMap((one) => partsOf(checker, one))
    .flatMap((one) =>
      checker.isTupleType(one) ? (checker.getTypeArguments(one as ts.TypeReference)[place] ?? []) : [],
    );
  return found.length === 0 ? null : found;
}

function partsOf(checker: ts.TypeChecker, type: ts.Type): ts.Type[] {
  const there = checker.getNonNullableType(type);
  return (there.isUnion() ? there.types : [there]).filter((one) => !(one.flags & ts.TypeFlags.Never));
}

// Of such a type everything can be read, and nothing is known.
function isOpen(checker: ts.TypeChecker, type: ts.Type): boolean {
  return (
    (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) !== 0 ||
    checker.getIndexTypeOfType(type, ts.IndexKind.String) !== undefined
  );
}
