// A form that was sent when its sender was signed out already waits for them to sign in again in that browser.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0024-forms-kept-signed-out',
  up: ['ALTER TABLE kept_forms ADD COLUMN visitor_hash VARCHAR(64)'],
  down: ['ALTER TABLE kept_forms DROP COLUMN visitor_hash'],
};
