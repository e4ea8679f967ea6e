import { button, get, type Route } from '#server/http/route.js';
import { anyone } from '#server/input/access.js';
import * as pages from './pages.js';

export const routes: Route[] = [
  get('/recovery/undo/:token', anyone, pages.askUndo),
  button('/recovery/undo/:token', anyone, pages.undo),
];
