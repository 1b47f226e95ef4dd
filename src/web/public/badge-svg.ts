import { html } from '../pages/html.ts';

const height = 20;
const textSize = 11;
const padding = 6;
const nameMax = 60;

/** Grounds on which white text can be read: of AA contrast, and of different lightness. */
export const badgeColours = {
	good: '#1f6f8b',
	warn: '#8a5a00',
	bad: '#b3261e',
	unknown: '#5d656d',
} as const;

/** A badge: what it is about at the left, and how that does at the right. */
export function badgeSvg(name: string, value: string, colour: keyof typeof badgeColours): string {
	const left = name.length > nameMax ? `${name.slice(0, nameMax - 1)}\u2026` : name;
	const [leftWidth, rightWidth] = [left, value].map((text) => widthOf(text) + 2 * padding) as [
		number,
		number,
	];
	const width = leftWidth + rightWidth;
	const label = `${left}: ${value}`;
	const middle = (from: number, span: number) => String(from + span / 2);
	return html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">
<title>${label}</title>
<clipPath id="r"><rect width="${width}" height="${height}" rx="3"/></clipPath>
<g clip-path="url(#r)"><rect width="${leftWidth}" height="${height}" fill="#363c42"/><rect x="${leftWidth}" width="${rightWidth}" height="${height}" fill="${badgeColours[colour]}"/></g>
<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="${textSize}">
<text x="${middle(0, leftWidth)}" y="14" textLength="${leftWidth - 2 * padding}" lengthAdjust="spacingAndGlyphs">${left}</text>
<text x="${middle(leftWidth, rightWidth)}" y="14" textLength="${rightWidth - 2 * padding}" lengthAdjust="spacingAndGlyphs">${value}</text>
</g></svg>
`.toString();
}

/** About what a text takes in Verdana, in pixels; the text is fitted to it. */
function widthOf(text: string): number {
	let width = 0;
	for (const character of text)
		width += /[ijl.,:;'|!]/.test(character)
			? 4
			: /[fIrt() -]/.test(character)
				? 5
				: /[mwMW%@\u1100-\uffff]/.test(character)
					? 11
					: 7;
	return Math.max(7, Math.round(width));
}
