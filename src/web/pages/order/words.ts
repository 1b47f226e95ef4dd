import { rttText, shareText } from '../../browser/scale.ts';
import { type Html, html } from '../html.ts';

/** A time that the browser writes as its reader does. Seconds since the epoch. */
export function time(seconds: number): Html {
	const date = new Date(seconds * 1000);
	const iso = Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString().replace('.000', '');
	return html`<time datetime="${iso}">${iso.replace('T', ' ').replace('Z', ' UTC')}</time>`;
}

export function rtt(seconds: number | null): string {
	return seconds === null ? '-' : rttText(seconds);
}

export function share(part: number | null): string {
	return part === null ? '-' : shareText(part);
}

/** Cut rather than rounded, so that 100 % mean all. */
export function uptimeText(uptime: number | null): string {
	return uptime === null ? '-' : `${(Math.floor(uptime * 100_000 + 1e-6) / 1000).toFixed(3)}%`;
}

/** `1 d 3 h`, `43 min 12 s`. */
export function spanText(seconds: number): string {
	const whole = Math.round(Math.abs(seconds));
	const units = [
		[Math.floor(whole / 86_400), 'd'],
		[Math.floor(whole / 3600) % 24, 'h'],
		[Math.floor(whole / 60) % 60, 'min'],
		[whole % 60, 's'],
	] as const;
	const first = units.findIndex(([count]) => count > 0);
	if (first < 0) return '0 s';
	return units
		.slice(first, first + 2)
		.filter(([count]) => count > 0)
		.map(([count, unit]) => `${count} ${unit}`)
		.join(' ');
}

/** Where the page of an order is. */
export function orderPath(id: string): string {
	return `/orders/${encodeURIComponent(id)}`;
}

/** `1 order`, `3 orders`. */
export function counted(count: number, one: string): string {
	return `${count} ${one}${count === 1 ? '' : 's'}`;
}
