/** What every page has: the theme switch, and times in the reader's zone. */
import { localTimes } from './local-times.ts';
import { themeSwitch } from './theme.ts';

const button = document.getElementById('theme');
if (button !== null) themeSwitch(button);
localTimes(document);
