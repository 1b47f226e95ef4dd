import { withFewColours } from '../terminal/few-colours.ts';
import { readPng } from '../terminal/png-pixels.ts';
import { sixelText } from '../terminal/sixel.ts';
import type { SixelTerminal } from '../terminal/terminal-answer.ts';

/** How a terminal takes pictures. */
export type PictureProtocol = 'kitty' | 'iterm2' | SixelTerminal;

/** What the environment says of the terminal; null when it cannot show pictures, as far as that tells. */
export function pictureProtocol(env: Readonly<Record<string, string | undefined>>): PictureProtocol | null {
	const { TERM = '', TERM_PROGRAM = '' } = env;
	// They stand between us and the terminal, and keep pictures to themselves.
	if (env['TMUX'] !== undefined || env['STY'] !== undefined || /^(?:tmux|screen)/.test(TERM)) return null;
	if (['iTerm.app', 'WezTerm'].includes(TERM_PROGRAM) || env['LC_TERMINAL'] === 'iTerm2') return 'iterm2';
	if (env['KITTY_WINDOW_ID'] !== undefined || /kitty|ghostty/.test(TERM)) return 'kitty';
	return null;
}

/** How much kitty takes at once. */
const kittyChunk = 4096;

/** What has to be written to the terminal to show a PNG. */
export function pictureText(protocol: PictureProtocol, png: Buffer): string {
	const data = png.toString('base64');
	if (typeof protocol === 'object') return `${sixelText(withFewColours(readPng(png), protocol.colours))}\n`;
	if (protocol === 'iterm2') return `\x1b]1337;File=inline=1;size=${png.length}:${data}\x07\n`;
	let text = '';
	for (let at = 0; at < data.length; at += kittyChunk) {
		const control = at === 0 ? 'a=T,f=100,' : '';
		const hasMore = at + kittyChunk < data.length ? 1 : 0;
		text += `\x1b_G${control}m=${hasMore};${data.slice(at, at + kittyChunk)}\x1b\\`;
	}
	return `${text}\n`;
}
