import * as z from 'zod';
import { Approval } from '#models/approval.js';
import { replyOf } from './reply.js';

const { shape, asJson } = replyOf(
  Approval,
  [
    'id',
    'kind',
    'userId',
    'requestedBy',
    'reason',
    'minutes',
    'state',
    'decidedBy',
    'decidedAt',
    'answer',
    'createdAt',
    'expiresAt',
  ],
  {
    userId: 'Whose account it is about.',
    requestedBy: 'Who has asked for it; null for the command line.',
    reason: 'Why, in the words of who asked.',
    minutes: 'For how long an access pass is made with it; null for none.',
    answer: 'Why, in the words of who decided.',
    expiresAt: 'When it is void, unless somebody decides.',
  },
);

/** Something that waits until somebody else has approved it, or has been decided. */
export const approvalShape = z.object(shape).meta({ id: 'Approval' });

/** The same of one. */
export const approvalAsJson = asJson;
