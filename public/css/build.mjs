// Makes tabler.css: the parts of Tabler's stylesheet that our pages can use, and its dark rules a second time for
// people whose theme is "auto". Run `node public/css/build.mjs` after adding a family of classes below.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { stdout } from 'node:process';

const families = [
  'alert',
  'avatar',
  'badge',
  'btn',
  'card',
  'col',
  'container',
  'datagrid',
  'divide-y',
  'dropdown',
  'empty',
  'form',
  'hr-text',
  'icon',
  'input-group',
  'input-icon',
  'list-group',
  'list-inline',
  'list-unstyled',
  'page-body',
  'page-header',
  'page-item',
  'page-link',
  'page-pretitle',
  'page-title',
  'pagination',
  'progress',
  'row',
  'status',
  'step',
  'subheader',
  'table',
  'visually-hidden',
  'active',
  'disabled',
  'show',
];
const utilities =
  /^(d|m|mt|mb|ms|me|mx|my|p|pt|pb|ps|pe|px|py|g|gx|gy|gap|w|h|fw|fs|lh)-(0|1|2|3|4|5|25|50|75|100|auto|none|flex|block|inline|inline-flex|inline-block|grid|bold|medium|semibold|normal|h[1-6])$|^(d|flex)-(sm|md|lg|xl)-(none|flex|block|row|column)$|^flex-(fill|row|column|wrap|nowrap|grow-[01]|shrink-[01])$|^(align-items|align-self|justify-content|text)-(start|center|end|between|baseline|stretch)$|^text-(body|secondary|muted|danger|success|warning|primary|reset|break|truncate|wrap|nowrap|decoration-none|uppercase|lowercase|capitalize)$|^(font-monospace|border|border-0|border-top|border-bottom|rounded|rounded-circle|overflow-auto|overflow-hidden|position-relative|position-static|m?w-100)$/;
const unwanted =
  /^(alert-(blue|azure|indigo|purple|pink|red|orange|yellow|lime|green|teal|cyan|dark|light|gray|white|black|x|twitter|facebook|google)|btn-(?!primary|secondary|success|warning|danger|link|icon|sm|lg|close|list|group|ghost-danger|ghost-secondary|outline-danger|outline-secondary|outline-primary|action|square|pill|check|toolbar)|btn-(close-white|pill|group|check|toolbar)|card-(?!body|header|title|subtitle|actions|footer|table|sm|md|lg|link|status|options|active|inactive)|col-(sm|xl|xxl)|icon-(?!sm|md|lg|inline)|list-group-(horizontal|checkbox|header|item-(?!action))|progress-(?!bar|sm)|status-(?!dot|primary|secondary|success|warning|danger|green|red|orange|yellow|blue|azure|lite)|steps?-(?!item|counter|green)|table-(?!responsive$|vcenter|hover|sm|striped|selectable|nowrap|mobile$)|avatar-(?!sm|xs|md|lg|rounded)|form-(?!control$|control-sm|control-lg|select$|select-sm|label|hint|check$|check-input|check-label|check-inline|switch$|text|fieldset)|btn-close|dropdown-(?!menu|item|divider|header|toggle)|dropdown-menu-(?!end|arrow)|dropdown-item-|badge-(?!outline|dot|pill)|row-(cols|deck))/;

const wanted = (name) =>
  utilities.test(name) ||
  (families.some((f) => name === f || name.startsWith(`${f}-`) || name === `${f}s`) && !unwanted.test(name));
const foreign = /\.theme-dark|\[data-theme|navbar-theme|^body\[|:host|\.no-touch|\.rtl/;

/** Cuts CSS into {prelude, body} rules and bare statements, minding strings and comments. */
function* rules(css) {
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
function selectorsOf(prelude) {
  const parts = [''];
  let depth = 0;
  for (const char of prelude) {
    if (char === '(' || char === '[') depth++;
    if (char === ')' || char === ']') depth--;
    if (char === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += char;
  }
  return parts.map((part) => part.replace(/\s+/g, ' ').trim());
}

const classesIn = (selector) =>
  [...selector.replace(/:not\([^)]*\)/g, '').matchAll(/\.([a-zA-Z][\w-]*)/g)].map((m) => m[1]);
const kept = (selector) => !foreign.test(selector) && classesIn(selector).every(wanted);
const tight = (body) =>
  body
    .replace(/\s*\n\s*/g, '')
    .replace(/;$/, '')
    .replace(/([;{}]) +/g, '$1');
const isDark = (selector) => selector.includes('[data-bs-theme=dark]');

function purge(css) {
  let out = '';
  for (const { prelude, body } of rules(css)) {
    if (/^@(media|supports)/.test(prelude)) {
      const inner = purge(body);
      if (inner) out += `${prelude}{${inner}}\n`;
      continue;
    }
    if (prelude.startsWith('@')) {
      if (/^@keyframes (spinner-border|progress-indeterminate)/.test(prelude)) out += `${prelude}{${tight(body)}}\n`;
      continue;
    }
    const selectors = selectorsOf(prelude).filter(kept);
    const declarations = tight(body.replace(/--tblr-[\w-]+-rgb:[^;]+;/g, ''));
    if (selectors.length === 0 || declarations === '') continue;
    out += `${selectors.join(',')}{${declarations}}\n`;
    const dark = selectors.filter(isDark);
    if (dark.length > 0) {
      const auto = dark.map((selector) => selector.replace('[data-bs-theme=dark]', '[data-bs-theme=auto]')).join(',');
      out += `@media (prefers-color-scheme: dark){${auto}{${declarations}}}\n`;
    }
  }
  return out;
}

/** Drops custom properties that neither the kept rules nor our own sheet ask for, again and again until none is idle. */
function withoutIdleVariables(css, own) {
  const asked = new Set([...(css + own).matchAll(/var\((--[\w-]+)/g)].map((match) => match[1]));
  const lean = css.replace(/(?<=[{;])(--tblr-[\w-]+):(?:[^;{}"']|"[^"]*"|'[^']*')*(;|(?=\}))/g, (whole, name) =>
    asked.has(name) ? whole : '',
  );
  return lean === css ? css : withoutIdleVariables(lean, own);
}

const source = createRequire(import.meta.url).resolve('@tabler/core/dist/css/tabler.css');
const css = readFileSync(source, 'utf8');
const licence = css.match(/\/\*!.*?\*\//s)[0];
const own = readFileSync(join(import.meta.dirname, 'gatehouse.css'), 'utf8');
const lean = withoutIdleVariables(purge(css.replace(/\/\*.*?\*\//gs, '')), own).replace(/^.*\{\}\n/gm, '');
const purged = `${licence}\n/* Purged by public/css/build.mjs: do not edit. */\n${lean}`;
writeFileSync(join(import.meta.dirname, 'tabler.css'), purged);
stdout.write(`tabler.css: ${Math.round(css.length / 1024)} kB -> ${Math.round(purged.length / 1024)} kB\n`);
