const cookie = 'pingmachine_theme';
const changed = 'pingmachine-theme';

/** A colour of the style sheet, such as `--loss-1`, as a canvas takes it, in the theme of now. */
export function colourOf(property: string): string {
	const probe = document.createElement('span');
	probe.style.color = `var(${property})`;
	probe.hidden = true;
	document.body.append(probe);
	const { color } = getComputedStyle(probe);
	probe.remove();
	return color;
}

/** Whenever colours are others: by the switch, or by the system. */
export function onThemeChange(callback: () => void): void {
	document.addEventListener(changed, callback);
	matchMedia('(prefers-color-scheme: dark)').addEventListener('change', callback);
}

/** Has the button go from the system's theme to light, dark and back; kept in a cookie, so that no page flashes. */
export function themeSwitch(button: HTMLElement): void {
	const words = { '': 'Theme: system', light: 'Theme: light', dark: 'Theme: dark' } as const;
	type Theme = keyof typeof words;
	const next = { '': 'light', light: 'dark', dark: '' } as const;
	const now = () => (document.documentElement.dataset['theme'] ?? '') as Theme;
	const label = () => {
		button.textContent = words[now()];
	};
	button.addEventListener('click', () => {
		const theme = next[now()];
		if (theme === '') delete document.documentElement.dataset['theme'];
		else document.documentElement.dataset['theme'] = theme;
		// biome-ignore lint/suspicious/noDocumentCookie: the other way is not in every browser
		document.cookie = `${cookie}=${theme}; Path=/; SameSite=Strict; Max-Age=${theme === '' ? 0 : 31_536_000}`;
		label();
		document.dispatchEvent(new Event(changed));
	});
	label();
	button.hidden = false;
}
