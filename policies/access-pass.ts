/** For how many minutes an access pass can be made. */
export const PASS_MINUTES = { least: 10, usual: 60, most: 1440 } as const;
