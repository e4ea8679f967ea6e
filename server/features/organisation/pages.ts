import type { Request, Response } from 'express';
import { Role } from '#models/role.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { BRAND_COLOURS, GROUNDS, ratioText, shadesOf } from '#policies/brand.js';
import { can } from '#policies/can.js';
import { contrast } from '#policies/colour.js';
import { LOCALES, TIME_ZONES } from '#policies/locales.js';
import { isTopRole } from '#policies/roles.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, typedValues, type Problem } from '#server/http/form.js';
import { lookOf } from '#server/http/looks.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { changeOrganisation, readOrganisation } from './actions.js';
import { organisationForm } from './input.js';

/** The settings of the organisation: as a form for who may change them, as plain facts for who may only see them. */
export async function showOrganisation(
  req: Request,
  res: Response,
  problem?: Problem,
  previewed: string | null = null,
): Promise<void> {
  const context = signedIn(req);
  const tenant = await readOrganisation(context);
  const { allowedIps } = await SecurityPolicy.of(tenant.id);
  const roles = await Role.findAll({ where: { tenantId: tenant.id }, order: [['nameKey', 'ASC']] });
  const { name, slug, colour, logo, signInMessage, defaultRoleId, defaultLocale, defaultTimeZone } = tenant;
  const { defaultMustChangePassword, defaultMustSetUpTwoFactor, accountRemovalDays } = tenant;
  const zones = TIME_ZONES.includes(defaultTimeZone) ? TIME_ZONES : [defaultTimeZone, ...TIME_ZONES];
  const changeable = {
    ...{ name, colour, signInMessage, defaultLocale, defaultTimeZone },
    ...{ defaultMustChangePassword, defaultMustSetUpTwoFactor, accountRemovalDays },
    // The role may have gone since.
    defaultRoleId: roles.some(({ id }) => id === defaultRoleId) ? defaultRoleId : '',
  };
  show(res, 'organisation/index', {
    title: 'Organisation',
    settings: { ...changeable, slug, logo },
    shown: { ...changeable, logo: logo ?? '' },
    defaultRole: roles.find(({ id }) => id === defaultRoleId)?.name ?? 'User',
    roles: roles
      .filter(({ key }) => !isTopRole(key) && key !== 'user')
      .map(({ id, name: label }) => ({ value: id, label })),
    colours: BRAND_COLOURS,
    sample: { ...lookOf(previewed ?? colour), ratios: ratiosOf(previewed ?? colour), unsaved: previewed !== null },
    locales: LOCALES,
    language: LOCALES.find(({ value }) => value === defaultLocale)?.label ?? defaultLocale,
    timeZones: zones.map((zone) => ({ value: zone, label: zone.replaceAll('_', ' ') })),
    allowedIps: allowedIps === '' ? [] : allowedIps.split('\n'),
    policyHref: can(context.actor, 'policy:read') ? '/admin/security-policy' : null,
    mayWrite: can(context.actor, 'organisation:write'),
    ...problem,
  });
}

export async function save(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await answerForm(req, res, {
    form: organisationForm,
    act: (changes) => changeOrganisation(context, changes),
    again: (problem) => showOrganisation(req, res, problem),
    done() {
      setFlash(context.services, res, 'The settings of the organisation are saved.');
      res.redirect(303, '/admin/organisation');
    },
  });
}

/** The same page with what was typed, and how its colour would look. */
export async function preview(req: Request, res: Response): Promise<void> {
  await answerForm(req, res, {
    form: organisationForm,
    act: ({ colour }) => Promise.resolve(colour ?? null),
    again: (problem) => showOrganisation(req, res, problem),
    done: (colour) => showOrganisation(req, res, { errors: [], values: typedValues(req.body) }, colour),
  });
}

// How well words can be read on buttons, and links on pages; of what has a name, that was seen to when it got it.
function ratiosOf(colour: string): Record<'light' | 'dark', { words: string; links: string }> | null {
  if (!colour.startsWith('#')) return null;
  const { light, dark } = shadesOf(colour);
  return {
    light: { words: ratioText(contrast(light.fill, '#ffffff')), links: ratioText(contrast(light.text, GROUNDS.light)) },
    dark: { words: ratioText(contrast(dark.fill, '#ffffff')), links: ratioText(contrast(dark.text, GROUNDS.dark)) },
  };
}
