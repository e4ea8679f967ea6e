import { asQuery, optional } from '#server/input/kind.js';
import { whole } from '#server/input/numbers.js';

export const activityQuery = asQuery({ before: optional(whole(1, 999_999_999)) });
