import { asQuery } from '#server/input/kind.js';
import { optionalLine } from '#server/input/text.js';

/** Which form of the page is to be open: `password`, for who came to change it. */
export const securityQuery = asQuery({ form: optionalLine(20) });
