import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { PUBLIC } from './places.js';
import { rules, selectorsOf, withoutIdleVariables } from './stylesheet.js';

// After using a family of classes that is not named here, add it and run `npm run assets`.
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

const wanted = (name: string): boolean =>
  utilities.test(name) ||
  (families.some((f) => name === f || name.startsWith(`${f}-`) || name === `${f}s`) && !unwanted.test(name));
const foreign = /\.theme-dark|\[data-theme|navbar-theme|^body\[|:host|\.no-touch|\.rtl/;

/** The parts of Tabler's stylesheet that our pages can use, and its dark rules a second time for people whose theme is "auto". */
export function makeTabler(): string {
  const source = createRequire(import.meta.url).resolve('@tabler/core/dist/css/tabler.css');
  const css = readFileSync(source, 'utf8');
  const [licence = ''] = /\/\*!.*?\*\//s.exec(css) ?? [];
  const own = readFileSync(join(PUBLIC, 'css/gatehouse.css'), 'utf8');
  const purged = purge(css.replace(/\/\*.*?\*\//gs, ''));
  const lean = withoutIdleVariables(purged, own, /--tblr-[\w-]+/).replace(/^.*\{\}\n/gm, '');
  return `${licence}\n/* Purged by "npm run assets": do not edit. */\n${lean}`;
}

const classesIn = (selector: string): string[] =>
  [...selector.replace(/:not\([^)]*\)/g, '').matchAll(/\.([a-zA-Z][\w-]*)/g)].map(([, name]) => name ?? '');
const kept = (selector: string): boolean => !foreign.test(selector) && classesIn(selector).every(wanted);
const tight = (body: string): string =>
  body
    .replace(/\s*\n\s*/g, '')
    .replace(/;$/, '')
    .replace(/([;{}]) +/g, '$1');
const isDark = (selector: string): boolean => selector.includes('[data-bs-theme=dark]');

function purge(css: string): string {
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
