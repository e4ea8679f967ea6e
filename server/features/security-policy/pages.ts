import type { Request, Response } from 'express';
import { PRESET_NAMES } from '#policies/enumerations.js';
import { basisOf } from '#policies/preset-gap.js';
import { PRESET_LABELS, PRESETS } from '#policies/security-policy.js';
import { Forbidden } from '#server/errors.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, type Problem } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { askFirst } from '#server/http/question.js';
import { signedIn } from '#server/http/request.js';
import { readForm } from '#server/input/read.js';
import { readPolicy } from './actions.js';
import { previewPolicy } from './effects.js';
import { policyForm, takingBackForm } from './input.js';
import { differsIn, groupsOf, PARTS } from './parts.js';
import { fieldsOfForm, shownOf, showPreview } from './preview-page.js';
import { saveOrAsk } from './save.js';
import { readScheduled, removeScheduled, startOf } from './schedule.js';
import { reasonToKeep } from './take-back.js';
import { waitingFor, waitingInWords } from './waiting-page.js';
import { policyFacts } from './words.js';

const PATH = '/admin/security-policy';

const PRESET_WORDS = {
  nist: 'Long passwords that nobody guesses; no rules about characters, no expiry.',
  pci: 'For payment cards: letters and digits, changed every 90 days.',
  classic: 'What many handbooks still ask for: all kinds of characters, changed every 90 days.',
} as const;

/** The policy: as a form for who may change it, as plain facts for who may only see it. */
export async function showPolicy(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const policy = await readPolicy(context);
  show(res, 'security-policy/policy', {
    title: 'Security policy',
    policy,
    presetLabel: PRESET_LABELS[policy.preset],
    basis: PRESET_LABELS[basisOf(policy).preset],
    parts: PARTS.map(({ part, title }) => ({
      part,
      title,
      differs: differsIn(policy, part),
      facts: policyFacts(policy, part),
      groups: groupsOf(policy, part),
    })),
    timeZone: context.user.timeZone.replaceAll('_', ' '),
    ...(await waitingFor(context)),
    shown: shownOf(policy),
    presets: PRESET_NAMES.map((name) => ({
      name,
      label: PRESET_LABELS[name],
      words: PRESET_WORDS[name],
      minLength: PRESETS[name].minLength,
      current: policy.preset === name,
    })),
    ...problem,
  });
}

export async function preview(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await answerForm(req, res, {
    form: policyForm,
    act: ({ change, startsAt }) => previewPolicy(context, change, startOf(context, startsAt)),
    again: (problem) => showPolicy(req, res, problem),
    done: (found) => showPreview(req, res, found, SAVE),
  });
}

export async function save(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await answerForm(req, res, {
    form: policyForm,
    act: ({ change, ...later }) => saveOrAsk(context, change, later),
    again: (problem) => showPolicy(req, res, problem),
    done(outcome) {
      if ('asks' in outcome) return showPreview(req, res, outcome.asks, SAVE);
      setFlash(context.services, res, outcome.flash);
      res.redirect(303, PATH);
    },
  });
}

const SAVE = {
  to: PATH,
  fields: fieldsOfForm,
  label: 'Save the policy',
  back: { label: 'Security policy', href: PATH },
};

export async function askRemoveScheduled(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const waiting = await readScheduled(context);
  if (!waiting) {
    res.redirect(303, PATH);
    return;
  }
  const kept = await reasonToKeep(context, waiting.scheduled, context.services.database.read);
  if (kept !== null) throw new Forbidden(kept);
  askFirst(req, res, {
    heading: 'Take back the change that is set for later?',
    text: [
      `It was to start on ${waitingInWords(waiting, context).starts}, and was set by ${waiting.author.name}.`,
      'It goes for good, and the security policy stays as it is.',
    ],
    label: 'Take it back',
    back: PATH,
    hidden: { scheduled: waiting.scheduled.id },
  });
}

export async function removeScheduledChange(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const { scheduled } = readForm(takingBackForm, req.body);
  await removeScheduled(context, scheduled);
  setFlash(context.services, res, 'The change that was set for later has been taken back.');
  res.redirect(303, PATH);
}
