import { PASS_MINUTES } from '#policies/access-pass.js';

/** For how long a page offers a pass. */
export const PASS_SPANS = [
  { value: String(PASS_MINUTES.least), label: '10 minutes' },
  { value: String(PASS_MINUTES.usual), label: '1 hour' },
  { value: '480', label: '8 hours' },
  { value: String(PASS_MINUTES.most), label: '1 day' },
];

/** How the next factor is set up, once an administrator has taken the last one away. */
export const READMISSION = {
  name: 'passMinutes',
  label: 'The next one is set up with',
  empty: 'A link by mail and the password, where that opens anything',
  options: [
    { value: '60', label: 'An access pass for 1 hour, which you give them' },
    { value: '1440', label: 'An access pass for 1 day, which you give them' },
  ],
};
