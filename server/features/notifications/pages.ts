import type { Request, Response } from 'express';
import { can } from '#policies/can.js';
import { TEMPLATE_LANGUAGES } from '#policies/locales.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, typedValues, type Problem } from '#server/http/form.js';
import { allowStyles } from '#server/http/headers.js';
import { show } from '#server/http/page.js';
import { searchOf } from '#server/http/search.js';
import { mailed } from '#server/http/mailed.js';
import { signedIn } from '#server/http/request.js';
import { readForm, readQuery } from '#server/input/read.js';
import { mailStyles, type ComposedMail } from '#server/mail/compose.js';
import { previewNotification, restoreNotification, saveNotification, sendTest } from './actions.js';
import { restorationForm, templateForm, templateQuery } from './input.js';
import { listNotifications, readNotification } from './read.js';

const PATH = '/admin/notifications';
const LANGUAGES = new Map<string, string>(TEMPLATE_LANGUAGES.map(({ value, label }) => [value, label]));

export async function list(req: Request, res: Response): Promise<void> {
  const { finds, filters } = searchOf(req, { action: PATH, label: 'Mails', search: 'What a mail is for' });
  const notifications = await listNotifications(signedIn(req));
  const named = (codes: string[]): string => codes.map((code) => LANGUAGES.get(code) ?? code).join(', ');
  show(res, 'notifications/index', {
    title: 'Notifications',
    filters,
    notifications: notifications
      .filter(({ event, label, description, worded }) => finds(event, label, description, named(worded)))
      .map(({ event, label, description, worded, silenced, lastSentAt }) => ({
        ...{ event, label, description, lastSentAt },
        worded: named(worded),
        silenced: named(silenced),
      })),
  });
}

/** A mail in one language, and how it looks: as it is sent now, or as it would be with what was typed. */
export async function showNotification(
  req: Request,
  res: Response,
  problem?: Problem,
  typed: ComposedMail | null = null,
): Promise<void> {
  const context = signedIn(req);
  const { locale } = readQuery(templateQuery, problem?.values ?? req.query);
  const notification = await readNotification(context, eventOf(req), locale);
  // What was refused cannot be shown, nor what is passed over.
  const kept = problem || notification.passedOver ? null : await previewNotification(context, eventOf(req), { locale });
  const preview = typed ?? kept;
  if (preview) allowStyles(res, mailStyles(context.tenant.colour));
  show(res, 'notifications/one', {
    title: notification.label,
    notification,
    languages: TEMPLATE_LANGUAGES,
    language: LANGUAGES.get(locale) ?? locale,
    mayWrite: can(context.actor, 'notifications:write'),
    preview,
    typed: typed !== null,
    ...problem,
  });
}

export async function save(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await answerForm(req, res, {
    form: templateForm,
    act: (values) => saveNotification(context, eventOf(req), values),
    again: (problem) => showNotification(req, res, problem),
    done: (_nothing, { locale }) => back(req, res, locale, 'The mail is worded like this from now on.'),
  });
}

export async function preview(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await answerForm(req, res, {
    form: templateForm,
    act: (values) => previewNotification(context, eventOf(req), values),
    again: (problem) => showNotification(req, res, problem),
    done: (made, values) =>
      showNotification(
        req,
        res,
        { errors: [], values: { ...typedValues(req.body), enabled: values.enabled ? 'on' : [] } },
        made,
      ),
  });
}

export async function test(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await answerForm(req, res, {
    form: templateForm,
    act: (values) => sendTest(context, eventOf(req), values),
    again: (problem) => showNotification(req, res, problem),
    done: (_nothing, { locale }) =>
      back(req, res, locale, mailed(context.services, 'a sample', ` to ${context.user.email}`)),
  });
}

export async function restore(req: Request, res: Response): Promise<void> {
  const { locale, version, seen } = readForm(restorationForm, req.body);
  const wanted = version === '' ? null : Number(version);
  await restoreNotification(signedIn(req), eventOf(req), { locale, version: wanted, seen });
  back(req, res, locale, version === '' ? 'The mail has its first text again.' : `Version ${version} counts again.`);
}

function eventOf(req: Request): string {
  const { event } = req.params;
  return typeof event === 'string' ? event : '';
}

function back(req: Request, res: Response, locale: string, text: string): void {
  setFlash(req.context.services, res, text);
  res.redirect(303, `${PATH}/${eventOf(req)}${locale === 'en' ? '' : `?locale=${locale}`}`);
}
