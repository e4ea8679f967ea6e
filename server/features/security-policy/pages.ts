import type { Request, Response } from 'express';
import { can } from '#policies/can.js';
import { PRESET_NAMES } from '#policies/enumerations.js';
import { basisOf } from '#policies/preset-gap.js';
import { PRESET_LABELS, PRESETS } from '#policies/security-policy.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, type Problem } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { changePolicy, readPolicy } from './actions.js';
import { previewPolicy } from './effects.js';
import { policyForm } from './input.js';
import { differsIn, groupsOf, PARTS } from './parts.js';
import { fieldsOfForm, showPreview } from './preview-page.js';
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
    mayChange: can(context.actor, 'policy:write'),
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
    act: (change) => previewPolicy(context, change),
    again: (problem) => showPolicy(req, res, problem),
    done: (found) =>
      showPreview(req, res, found, {
        to: PATH,
        fields: fieldsOfForm(found.after),
        label: 'Save the policy',
        back: { label: 'Security policy', href: PATH },
      }),
  });
}

export async function save(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await answerForm(req, res, {
    form: policyForm,
    act: (change) => changePolicy(context, change),
    again: (problem) => showPolicy(req, res, problem),
    done({ differences, sessionsEnded }) {
      const ended =
        sessionsEnded === 0
          ? ''
          : sessionsEnded === 1
            ? ' One session has been ended.'
            : ` ${sessionsEnded} sessions have been ended.`;
      const saved =
        differences.length === 0
          ? 'The security policy was like this already: nothing has changed.'
          : 'The security policy has been changed.';
      setFlash(context.services, res, saved + ended);
      res.redirect(303, PATH);
    },
  });
}
