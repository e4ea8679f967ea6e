import { exactly } from '#server/input/choices.js';
import { asQuery, optional } from '#server/input/kind.js';

/** Of one's own sessions those that the check-up is about: in browsers that are new to the account. */
export const sessionsQuery = asQuery({ show: optional(exactly('new')) });
