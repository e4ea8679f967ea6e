import type { Request, Response } from 'express';
import type { Count } from '#models/paging.js';
import { can } from '#policies/can.js';
import type { Problem } from '#server/http/form.js';
import { fromPlace } from '#server/http/from-place.js';
import { leftOut, readQuery } from '#server/input/read.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { countListed } from './count.js';
import { credentialQuery } from './input.js';
import { listCredentials } from './list.js';

const PATH = '/admin/credentials';
const FILE = '/admin/credentials/export.csv';
const KINDS = [
  { value: 'token', label: 'API tokens' },
  { value: 'key', label: 'API keys' },
  { value: 'password', label: 'API passwords' },
  { value: 'ssh-key', label: 'SSH keys' },
];
const CHECKS = {
  api: 'No SSH keys',
  unused: 'Not used for 90 days',
  expiring: 'Expires within 14 days',
  overPolicy: 'Longer than the policy allows',
  noEnd: 'Never expires',
  ownerWithoutTwoFactor: 'Owner without two-factor',
  noAddresses: 'Works from everywhere',
} as const;

const WORDS: Readonly<Record<string, string>> = { q: 'the search', cursor: 'place' };

export async function list(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const query = readQuery(credentialQuery, req.query);
  const { cursor: asks, ...filters } = query;
  const { page, place, lost } = await fromPlace(asks, (cursor) => listCredentials(context, { ...filters, cursor }));
  const { credentials, next } = page;
  const found = await countListed(context, filters);
  const asked = Object.entries(filters).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, value] as [string, string]],
  );
  const chosen = Object.fromEntries(asked);
  show(res, 'credentials/index', {
    title: 'API credentials',
    credentials,
    found,
    filtered: asked.length > 0,
    filters: {
      action: PATH,
      label: 'API credentials',
      search: { label: 'Name or owner', value: filters.q },
      selects: [{ name: 'kind', label: 'Kind', empty: 'Any kind', value: filters.kind, options: KINDS }],
      checks: Object.entries(CHECKS).map(([name, label]) => ({ name, label, checked: name in chosen })),
      kept: filters.user === undefined ? {} : { user: filters.user },
      chosen: asked.filter(([name]) => name !== 'q').length,
      clear: asked.length > 0 ? PATH : null,
      ignored: [...leftOut(credentialQuery, req.query), ...lost].map((name) => WORDS[name] ?? name),
    },
    first: place === undefined ? null : `${PATH}?${new URLSearchParams(asked).toString()}`,
    exportHref: asked.length > 0 ? `${FILE}?${new URLSearchParams(asked).toString()}` : FILE,
    next: next === null ? null : `${PATH}?${new URLSearchParams([...asked, ['cursor', next]]).toString()}`,
    mayRevoke: can(context.actor, 'credentials:revoke'),
    // What stands on this page can be ticked; all of more than that is a box of its own.
    all: next === null && place === undefined ? null : allInWords(found, asked.length > 0),
    asked,
    ...problem,
  });
}

function allInWords(found: Count, filtered: boolean): string {
  const all = found === '1,000+' ? 'All' : `All ${found}`;
  return filtered ? `${all} that the filters find` : `${all} of the organisation`;
}
