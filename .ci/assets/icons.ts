import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

// Add a name, and run `npm run assets`.
const names = `
  activity alert-circle alert-triangle api arrow-left arrow-right ban bell building building-skyscraper calendar chart-bar
  check chevron-down chevron-left chevron-right chevron-up circle-check circle-x clock code copy cloud-lock database device-desktop
  device-mobile device-tablet devices dots download edit external-link eye eye-off file-text filter fingerprint flag heart-rate-monitor
  history hourglass id-badge info-circle key key-off layout-dashboard list-details lock lock-open logout mail mail-cog
  menu-2 moon palette password plus printer qrcode refresh search selector send server settings shield shield-check shield-lock
  shield-x sun template terminal-2 trash upload user user-circle user-off user-plus users world x
`
  .trim()
  .split(/\s+/);

const { resolve } = createRequire(import.meta.url);

/** The one sprite of outline icons (MIT, Tabler Icons). */
export function makeIcons(): string {
  return `<svg xmlns="http://www.w3.org/2000/svg">\n${names.map(symbol).join('\n')}\n</svg>\n`;
}

function symbol(name: string): string {
  const drawing = readFileSync(resolve(`@tabler/icons/outline/${name}.svg`), 'utf8')
    .replace(/^[\s\S]*?<svg[^>]*>/, '')
    .replace('</svg>', '')
    .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none" \/>/, '')
    .replace(/\s*\n\s*/g, '');
  return `<symbol id="${name}" viewBox="0 0 24 24">${drawing}</symbol>`;
}
