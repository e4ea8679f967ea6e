import { asRead, HIDDEN, PLACEHOLDER } from './template-text.js';
import { isLinkVariable } from './variables.js';

const CLASS = '(?: class="[a-z -]*")?';
// The only tags a mail may be made of. Where a link leads is always a variable, so a template can send nobody elsewhere.
const TAG = new RegExp(
  `<(?:p|h1|h2|strong|em|br|ul|ol|li|code|hr)${CLASS}\\s*/?>|</(?:p|h1|h2|strong|em|ul|ol|li|code)\\s*>`,
  'g',
);
const OPENING = `<a${CLASS} href="\\{\\{\\s*([A-Za-z]+Link)\\s*\\}\\}"${CLASS}\\s*>`;
const LINK_TAG = new RegExp(`${OPENING}|</a\\s*>`, 'g');

/** Why this HTML cannot be in a mail: other tags than the few that there are, or links that are not what they seem. */
export function tagProblems(html: string): string[] {
  const [wrong] = /<[^>]{0,40}>?|>/.exec(html.replace(TAG, '').replace(LINK_TAG, '')) ?? [];
  if (wrong !== undefined)
    return [
      `${wrong} cannot be used. Use p, h1, h2, strong, em, br, ul, ol, li, code, hr, and a with href="{{…Link}}"; write &lt; and &gt; for the characters.`,
    ];
  let open: { name: string; at: number } | null = null;
  for (const found of html.matchAll(LINK_TAG)) {
    const [tag, name] = found;
    if ((name === undefined) === (open === null))
      return [`Close each <a …> with </a> before the next one: ${tag} stands where it cannot.`];
    if (open) {
      const problem = contentProblem(open.name, html.slice(open.at, found.index));
      if (problem !== null) return [problem];
      open = null;
    } else open = { name: name ?? '', at: found.index + tag.length };
  }
  return open ? ['Close each <a …> with </a>.'] : [];
}

/** What somebody sees of a link must be there, and no other address. */
function contentProblem(leadsTo: string, content: string): string | null {
  if (!closesWhatItOpens(content))
    return `Close what you open between <a href="{{${leadsTo}}}"> and </a> before </a>, and open it there: else the link does not end where it seems to.`;
  const text = asRead(content, 'html');
  const shown = [...text.matchAll(PLACEHOLDER)].some(([, name = '']) => isLinkVariable(name));
  if (shown && text.trim() !== `{{${leadsTo}}}`)
    return `A link shows either words or its own address: between <a href="{{${leadsTo}}}"> and </a> stands another one, or more than that.`;
  if (!/[\p{L}\p{N}]/u.test(text.replace(HIDDEN, '')))
    return `Nobody could see the link to {{${leadsTo}}}. Write words between <a …> and </a>.`;
  return null;
}

/** Whether each tag in here is closed in here, and in turn. HTML passes over the slash of `<em/>`: it opens. */
function closesWhatItOpens(content: string): boolean {
  const open: string[] = [];
  for (const [, slash, name = ''] of content.matchAll(/<(\/?)([a-z0-9]+)/g)) {
    if (name === 'br' || name === 'hr') continue;
    if (slash === '') open.push(name);
    else if (open.pop() !== name) return false;
  }
  return open.length === 0;
}
