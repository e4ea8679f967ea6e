import { asJson } from '#server/input/kind.js';
import { tokens } from '#server/input/text.js';

const MOST = 100;

export const leakedBody = asJson({ tokens: tokens(1000, MOST) });
