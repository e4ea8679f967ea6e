import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { TenantContext } from '#server/context.js';
import { Conflict, Invalid } from '#server/errors.js';
import { changeOrganisation, SETTINGS } from '#server/features/organisation/actions.js';
import { organisationChanges } from '#server/features/organisation/input.js';
import { isId } from '#server/input/ids.js';
import { readJson } from '#server/input/read.js';
import { findRole, findTenant } from './find.js';
import { withInstallation } from './installation.js';
import { print } from './print.js';

/** `tenant change acme colour=#0f766e accountRemovalDays=7 logo=logo.png`: what is not named stays as it is. */
export function addTenantChange(tenant: Command): void {
  tenant
    .command('change')
    .argument('<organization>', 'its short name')
    .argument(
      '<field=value...>',
      'such as accountRemovalDays=7, as tenant show has them; a role by its name, a logo by its file',
    )
    .description('change its settings')
    .action((slug: string, typed: string[]) =>
      withInstallation('demand', async ({ context }) => {
        const inside = context(await findTenant(slug));
        await changeOrganisation(inside, readJson(organisationChanges, await changesOf(inside, typed)));
        print(`The settings of ${slug} are saved.`);
      }),
    );
}

async function changesOf(context: TenantContext, typed: readonly string[]): Promise<Record<string, unknown>> {
  const changes: Record<string, unknown> = {};
  for (const one of typed) {
    const [, field = '', value = ''] = /^([^=]+)=(.*)$/s.exec(one) ?? [];
    if (field === '') throw Invalid.field(one, 'Write it like accountRemovalDays=7.');
    if (Object.hasOwn(changes, field)) throw Invalid.field(field, 'Give it once.');
    if (field !== 'logo' && !(SETTINGS as readonly string[]).includes(field))
      throw Invalid.field(field, 'There is no such setting. They are listed by: tenant show');
    changes[field] = await spelt(context, field, value);
  }
  return changes;
}

// As JSON has it; what it cannot be stays as it was typed, and is refused in the words of the field.
async function spelt(context: TenantContext, field: string, value: string): Promise<unknown> {
  if (field === 'logo') return value === '' ? null : base64Of(value);
  if (field === 'accountRemovalDays') return /^\d{1,9}$/.test(value) ? Number(value) : value;
  if (field === 'defaultRoleId')
    return value === '' || isId(value) ? value : (await findRole(context, value, field)).id;
  if (field.startsWith('defaultMust')) return FLAGS[value.toLowerCase()] ?? value;
  return value;
}

const FLAGS: Readonly<Record<string, boolean>> = {
  yes: true,
  on: true,
  true: true,
  no: false,
  off: false,
  false: false,
};

function base64Of(file: string): string {
  try {
    return readFileSync(file).toString('base64');
  } catch (error) {
    throw new Conflict(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}.`);
  }
}
