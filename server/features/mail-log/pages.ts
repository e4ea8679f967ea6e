import type { Request, Response } from 'express';
import { can } from '#policies/can.js';
import { setFlash } from '#server/http/flash.js';
import { pathId } from '#server/http/form.js';
import { fromPlace } from '#server/http/from-place.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { leftOut, readQuery } from '#server/input/read.js';
import { countMail, listMail, retryMail } from './actions.js';
import { mailQuery } from './input.js';

const PATH = '/admin/mail';
const WORDS: Readonly<Record<string, string>> = { q: 'the search', cursor: 'place' };
const STATES = [
  { value: 'queued', label: 'Queued' },
  { value: 'sent', label: 'Sent' },
  { value: 'failed', label: 'Failed' },
];

export async function list(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const query = readQuery(mailQuery, req.query);
  const { state, stuck, q } = query;
  const { page, place, lost } = await fromPlace(query.cursor, (cursor) => listMail(context, { ...query, cursor }));
  const { mails, next } = page;
  const asked = Object.entries({ state, stuck, q }).filter((one): one is [string, string] => (one[1] ?? '') !== '');
  const counted = await countMail(context, { state, stuck, q });
  show(res, 'mail-log/index', {
    title: 'Mail log',
    mails,
    // Of words: known where they all stand on this page.
    found: counted ?? (place === undefined && next === null ? mails.length : null),
    filtered: asked.length > 0,
    reachNobody: context.services.config.smtpUrl === null,
    filters: {
      action: PATH,
      label: 'Mails',
      search: { label: 'Address or subject', value: q },
      selects: [{ name: 'state', label: 'State', empty: 'Any state', value: state, options: STATES }],
      checks: [{ name: 'stuck', label: 'Did not leave', checked: stuck !== undefined }],
      chosen: asked.filter(([name]) => name !== 'q').length,
      clear: asked.length > 0 ? PATH : null,
      ignored: [...leftOut(mailQuery, req.query), ...lost].map((name) => WORDS[name] ?? name),
    },
    first: place === undefined ? null : `${PATH}?${new URLSearchParams(asked).toString()}`,
    next: next === null ? null : `${PATH}?${new URLSearchParams([...asked, ['cursor', next]]).toString()}`,
    mayWrite: can(context.actor, 'notifications:write'),
  });
}

export async function retry(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await retryMail(context, pathId(req));
  setFlash(context.services, res, 'The mail is tried again now.');
  res.redirect(303, PATH);
}
