export interface Rule {
  prelude: string;
  body: string;
}

/** Cuts CSS into {prelude, body} rules and bare statements, minding strings and comments. */
export function* rules(css: string): Generator<Rule> {
  let start = 0;
  for (let at = 0, depth = 0, open = 0; at < css.length; at++) {
    const char = css[at];
    if (char === '"' || char === "'") {
      for (at++; css[at] !== char; at++) if (css[at] === '\\') at++;
    } else if (char === '{' && depth++ === 0) open = at;
    else if (char === '}' && --depth === 0) {
      yield { prelude: css.slice(start, open).trim(), body: css.slice(open + 1, at) };
      start = at + 1;
    } else if (char === ';' && depth === 0) start = at + 1;
  }
}

/** Splits at the commas that stand outside brackets. */
export function selectorsOf(prelude: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const char of prelude) {
    if (char === '(' || char === '[') depth++;
    if (char === ')' || char === ']') depth--;
    if (char === ',' && depth === 0) parts.push('');
    else parts.push((parts.pop() ?? '') + char);
  }
  return parts.map((part) => part.replace(/\s+/g, ' ').trim());
}

/** Drops custom properties that neither the kept rules nor the sheet beside them ask for, until none is idle. */
export function withoutIdleVariables(css: string, beside = '', names = /--[\w-]+/): string {
  const asked = new Set([...(css + beside).matchAll(/var\((--[\w-]+)/g)].map((match) => match[1]));
  const declaration = new RegExp(`(?<=[{;])(${names.source}):(?:[^;{}"']|"[^"]*"|'[^']*')*(;|(?=\\}))`, 'g');
  const lean = css.replace(declaration, (whole, name: string) => (asked.has(name) ? whole : ''));
  return lean === css ? css : withoutIdleVariables(lean, beside, names);
}
