import type { Response } from 'express';
import { can } from '#policies/can.js';
import type { Permission } from '#policies/permissions.js';
import type { Context, Services } from '#server/context.js';
import type { FieldError } from '#server/errors.js';
import { mayCompress, sendText } from './compress.js';
import { csrfToken, formId } from './csrf.js';
import { takeFlash } from './flash.js';
import { limitOf } from './limited.js';
import { lookOf } from './looks.js';
import { timesFor } from './times.js';
import type { PageModel } from './views.js';

export interface MenuEntry {
  group: string;
  label: string;
  href: string;
  icon: string;
  /** Who sees it; null is everybody who is signed in. */
  permission: Permission | null;
}

/** One of the tabs of `/partials/tabs`. */
export interface Tab {
  label: string;
  href: string;
  current?: boolean;
  count?: number;
}

/** What every page stands in: set once, at `app.locals.shell`. */
export interface Shell {
  services: Services;
  render: (name: string, page: PageModel) => string;
  asset: (path: string) => string;
  menu: readonly MenuEntry[];
}

/** Answers with a page: the template's body inside its layout. `model` must have a `title`. */
export function show(res: Response, template: string, model: PageModel & { title: string }): void {
  const { req } = res;
  const { services, render, asset, menu } = res.app.locals['shell'] as Shell;
  const { context } = req;
  const { user, tenant } = context;
  const { csrf = csrfToken(services, req, res), flash = takeFlash(services, req, res) } = model;
  const page: PageModel = {
    errors: [],
    values: {},
    organization: tenant,
    look: lookOf(((model['organization'] ?? tenant) as { colour: string } | null)?.colour ?? 'blue'),
    user,
    theme: user?.theme ?? 'auto',
    csrf,
    formId: csrf === '' ? '' : formId(services, req, res),
    flash,
    menu: menuFor(menu, context, req.path),
    seesUsers: can(context.actor, 'users:read'),
    asset,
    ...timesFor(user?.locale ?? 'en', user?.timeZone ?? 'UTC', context.now),
    passkeyDue: context.secondFactor?.phishingResistant ?? false,
    passwordIdle: context.secondFactor !== null && context.secondFactor.password !== 'all',
    twoFactorDueAt: limitOf(context) ? null : (context.secondFactor?.dueAt ?? null),
    layout: user && !limitOf(context) ? 'portal' : 'entrance',
    ...model,
  };
  const body = render(template, page);
  page['body'] = body;
  page['errors'] = (page['errors'] as FieldError[]).map((error) => ({ ...error, field: placeOf(error, body) }));
  const html = render(`layouts/${String(page['layout'])}`, page);
  sendText(res, 'text/html; charset=utf-8', html, mayCompress);
}

// The summary links to what the page shows; of a hidden field, or a form that is gone, there is nothing to lead to.
function placeOf({ field }: FieldError, body: string): string {
  return body.includes(`id="field-${field}"`) ? field : '';
}

interface MenuGroup {
  label: string | null;
  items: { label: string; href: string; icon: string; current: boolean }[];
}

function menuFor(entries: readonly MenuEntry[], context: Context, path: string): MenuGroup[] {
  if (!context.user || limitOf(context)) return [];
  const seen = entries.filter(({ permission }) => permission === null || can(context.actor, permission));
  // Of `/admin` and `/admin/users` the longer one is where the reader is.
  const leading = seen.map(({ href }) => href).filter((href) => path === href || path.startsWith(`${href}/`));
  const current = leading.sort((one, other) => other.length - one.length)[0];
  const groups = new Map<string, MenuGroup>();
  for (const { group, label, href, icon } of seen) {
    const entry = groups.get(group) ?? { label: group || null, items: [] };
    entry.items.push({ label, href, icon, current: href === current });
    groups.set(group, entry);
  }
  return [...groups.values()];
}
