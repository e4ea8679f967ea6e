import type { Request, Response } from 'express';
import { PERMISSIONS, type Permission } from '#policies/permissions.js';
import { answerForm, pathId } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { roleForm } from './input.js';
import { valuesOf } from './change.js';
import { findRole } from './list.js';
import { changesOf, formOf, showNew, showRole } from './pages.js';
import { previewNewRole, previewRole, type RolePreview } from './preview.js';

const LABELS = new Map<string, string>(PERMISSIONS.map(({ name, label }) => [name, label]));

const FIELDS: Readonly<Record<string, string>> = {
  name: 'Name',
  description: 'Description',
  permissions: 'Permissions',
  readOnly: 'Read-only',
  requiresTwoFactor: 'Requires two-factor authentication',
  requiresPhishingResistant: 'Requires a passkey',
  tokensNeedApproval: 'Tokens need an approval',
};

export async function previewNew(req: Request, res: Response): Promise<void> {
  await answerForm(req, res, {
    form: roleForm,
    act: (values) => previewNewRole(signedIn(req), values),
    again: (problem) => showNew(req, res, problem),
    done: (found) => showPreview(res, found),
  });
}

export async function preview(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const role = await findRole(context, pathId(req));
  await answerForm(req, res, {
    form: formOf(role),
    act: (values) => previewRole(context, role.id, changesOf(role, values)),
    again: (problem) => showRole(req, res, problem),
    done: (found) => showPreview(res, found),
  });
}

function showPreview(res: Response, { role, after, differences, affected, ...found }: RolePreview): void {
  const path = role === null ? '/admin/roles' : `/admin/roles/${role.id}`;
  show(res, 'roles/preview', {
    title: 'Review the role',
    name: after.name,
    isNew: role === null,
    to: path,
    back: role === null ? { label: 'Roles', href: '/admin/roles' } : { label: role.name, href: path },
    affected: affected.map(({ gains, loses, ...group }) => ({
      ...group,
      gains: inWords(gains),
      loses: inWords(loses),
    })),
    shown: role && valuesOf(role),
    ...found,
    differences: Object.entries(differences).map(([field, change]) => {
      const { from, to } = change as { from: unknown; to: unknown };
      return { label: FIELDS[field] ?? field, from: valueInWords(from), to: valueInWords(to) };
    }),
    // As the form would send it: a box that is off is not sent, and of a factory role there are three boxes.
    fields: (role !== null && role.key !== null ? [] : ['name', 'description', 'permissions', 'readOnly'])
      .concat('requiresTwoFactor', 'requiresPhishingResistant', 'tokensNeedApproval')
      .flatMap((name) =>
        [after[name as keyof typeof after]]
          .flat()
          .filter((value) => value !== false)
          .map((value) => ({ name, value: value === true ? 'on' : value })),
      ),
  });
}

function inWords(permissions: readonly Permission[]): string[] {
  return permissions.map((name) => LABELS.get(name) ?? name);
}

function valueInWords(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'None' : inWords(value as Permission[]).join('; ');
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  return typeof value === 'string' && value !== '' ? value : '–';
}
