// The smallest server that does the same work: for a page Express, EJS with includes and values, and the same bytes;
// for a call of the API Express and JSON of the same values.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';

const PARTS = 6;
const VALUES_A_PART = 5;
const VALUE = 'A value & its <escapes>';
const ESCAPED = 'A value &amp; its &lt;escapes&gt;';

const [, , pageFile = '', answerFile = '', port = '0'] = process.argv;
const views = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
const answer = readFileSync(answerFile, 'utf8');
const page = readFileSync(pageFile, 'utf8').replaceAll('<%', '<!');
const length = Math.ceil(page.length / PARTS);
for (let part = 0; part < PARTS; part += 1)
  writeFileSync(join(views, `part${part}.ejs`), partOf(page.slice(part * length, (part + 1) * length), part));
writeFileSync(
  join(views, 'page.ejs'),
  Array.from({ length: PARTS }, (_, part) => `<%- include('part${part}') %>`).join(''),
);

const app = express();
app.set('views', [views]);
app.set('view engine', 'ejs');
const values = Object.fromEntries(Array.from({ length: PARTS * VALUES_A_PART }, (_, at) => [`value${at}`, VALUE]));
app.get('/login', (_req, res) => res.render('page', values));
const me = JSON.parse(answer) as object;
app.get('/me', (_req, res) => res.json(me));
app.listen(Number(port), '127.0.0.1');

/** The text with five values in it, each in the place of as many characters. */
function partOf(text: string, part: number): string {
  const step = Math.floor(text.length / VALUES_A_PART);
  let made = '';
  for (let at = 0; at < VALUES_A_PART; at += 1) {
    const end = at === VALUES_A_PART - 1 ? text.length : (at + 1) * step;
    made += `<%= value${part * VALUES_A_PART + at} %>${text.slice(at * step + ESCAPED.length, end)}`;
  }
  return made;
}
