/** Shows the options of another probe as soon as it is chosen, and keeps what was typed already. */
const form = document.getElementById('choose-probe');
const select = form?.querySelector('select');

select?.addEventListener('change', () => {
	const query = new URLSearchParams({ probe: select.value });
	for (const name of ['targets', 'name', 'step', 'pings', 'title', 'note', 'link', 'objective', 'tags']) {
		const field = document.getElementById(`field-${name}`) as HTMLInputElement | HTMLTextAreaElement | null;
		if (field !== null && field.value !== '') query.set(name, field.value.slice(0, 2000));
	}
	location.assign(`/add?${query}`);
});
