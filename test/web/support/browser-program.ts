import { existsSync } from 'node:fs';

/** Debian's Chromium: without its windows and what is around them, where that is installed, for half the work. */
export const browserProgram =
	['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find((path) => existsSync(path)) ?? 'chromium';
