import type { Page } from 'playwright-core';

/** A thing on a page as a screen reader is told of it by the browser. */
export interface Spoken {
  role: string;
  name: string;
  description: string;
  invalid: boolean;
  level: number;
  /** Where it leads, what it sends or what it fills in: two that differ in this need words that differ. */
  does: string;
  /** What a reader can ask for about where it stands: its row, its item of a list, its paragraph, its part of the page. */
  context: string;
  /** The groups of fields it is in: they are spoken as one comes to it. */
  groups: string;
}

interface DomNode {
  nodeName: string;
  backendNodeId: number;
  attributes?: string[];
  children?: DomNode[];
}

interface Place {
  tag: string;
  attributes: Map<string, string>;
  above: DomNode[];
}

/** The accessibility tree of the page, of what is not passed over. */
export async function spokenOn(page: Page): Promise<Spoken[]> {
  const cdp = await page.context().newCDPSession(page);
  const { nodes } = await cdp.send('Accessibility.getFullAXTree');
  const { root } = await cdp.send('DOM.getDocument', { depth: -1 });
  await cdp.detach();
  const places = new Map<number, Place>();
  place(root, [], places);
  const shown = nodes.filter(({ ignored }) => !ignored);
  const ids = new Map(shown.map((node) => [node.nodeId, node]));
  const text = (node: (typeof nodes)[number]): string =>
    node.role?.value === 'StaticText'
      ? String(node.name?.value ?? '')
      : (node.childIds ?? []).map((id) => (ids.has(id) ? text(ids.get(id)!) : deeper(id))).join(' ');
  const everyId = new Map(nodes.map((node) => [node.nodeId, node]));
  const deeper = (id: string): string => {
    const node = everyId.get(id);
    return node ? text(node) : '';
  };
  return shown.map((node) => {
    const at = places.get(node.backendDOMNodeId ?? -1);
    const property = (name: string): unknown => node.properties?.find((one) => one.name === name)?.value.value;
    return {
      role: String(node.role?.value ?? ''),
      name: String(node.name?.value ?? '').trim(),
      description: String(node.description?.value ?? ''),
      invalid: property('invalid') === 'true',
      level: Number(property('level') ?? 0),
      does: at ? doneBy(at) : '',
      context: contextOf(node, everyId, text),
      groups: above(node, everyId)
        .filter(({ role }) => role?.value === 'group')
        .map(({ name }) => String(name?.value ?? ''))
        .join(' '),
    };
  });
}

function place(node: DomNode, above: DomNode[], places: Map<number, Place>): void {
  places.set(node.backendNodeId, { tag: node.nodeName, attributes: attributesOf(node), above });
  for (const child of node.children ?? []) place(child, [...above, node], places);
}

function attributesOf({ attributes = [] }: DomNode): Map<string, string> {
  const pairs = new Map<string, string>();
  for (let at = 0; at < attributes.length; at += 2) pairs.set(attributes[at] ?? '', attributes[at + 1] ?? '');
  return pairs;
}

function doneBy({ tag, attributes, above }: Place): string {
  if (tag === 'A') return attributes.get('href') ?? '';
  if (tag !== 'BUTTON') return `${attributes.get('id')} ${attributes.get('name')} ${attributes.get('value')}`;
  const form = above.findLast(({ nodeName }) => nodeName === 'FORM');
  if (!form || attributes.get('type') !== 'submit') return JSON.stringify([...attributes]);
  return [attributesOf(form).get('action'), attributes.get('value'), ...hiddenIn(form)].join(' ');
}

function hiddenIn(node: DomNode): string[] {
  const attributes = attributesOf(node);
  const own = attributes.get('type') === 'hidden' && attributes.get('name') !== '_csrf';
  return [...(own ? [attributes.get('value') ?? ''] : []), ...(node.children ?? []).flatMap(hiddenIn)];
}

interface TreeNode {
  nodeId: string;
  parentId?: string;
  role?: { value?: unknown };
  name?: { value?: unknown };
  childIds?: string[];
}

function above<Node extends TreeNode>(node: Node, all: ReadonlyMap<string, Node>): Node[] {
  const parent = all.get(node.parentId ?? '');
  return parent ? [parent, ...above(parent, all)] : [];
}

function contextOf<Node extends TreeNode>(
  node: Node,
  all: ReadonlyMap<string, Node>,
  text: (node: Node) => string,
): string {
  const words: string[] = [];
  for (const at of above(node, all)) {
    const role = String(at.role?.value);
    if (['row', 'listitem', 'paragraph'].includes(role)) words.push(text(at));
    if (['navigation', 'region', 'dialog'].includes(role)) words.push(String(at.name?.value ?? ''));
  }
  return words.join(' | ');
}

const CONTROLS = ['button', 'checkbox', 'combobox', 'radio', 'searchbox', 'spinbutton', 'textbox', 'listbox', 'switch'];
const NAMED = [...CONTROLS, 'link', 'DisclosureTriangle', 'table', 'region', 'navigation', 'dialog', 'search'];

/** What somebody who hears a page would stumble over. */
export function stumblesOf(spoken: readonly Spoken[]): string[] {
  const found: string[] = [];
  const doing = new Map<string, Set<string>>();
  // A summary of what is wrong stands before the heading of its page.
  let level = 1;
  for (const { role, name, description, invalid, does, context, ...one } of spoken) {
    if ([...NAMED, 'progressbar', 'image', 'heading'].includes(role) && name === '')
      found.push(`a ${role} without name`);
    if (invalid && description === '') found.push(`“${name}” is called wrong, and not why`);
    if (role === 'heading') {
      if (one.level > level + 1) found.push(`“${name}” is a heading ${one.level} below one of level ${level}`);
      level = one.level;
    }
    if (!CONTROLS.includes(role) && role !== 'link') continue;
    // A link may be told by where it stands (WCAG 2.4.4); what is pressed, ticked or filled in is met alone.
    const words = [role, name, description, role === 'link' ? context : one.groups].join(' / ');
    doing.set(words, (doing.get(words) ?? new Set()).add(role === 'radio' ? name : does));
  }
  for (const [words, several] of doing) if (several.size > 1) found.push(`${several.size} × “${words}”`);
  return found;
}
