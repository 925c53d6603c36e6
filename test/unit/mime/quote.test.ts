import { withQuote } from '../../../nodes/FeishuMail/mime/quote';
import type { Original } from '../../../nodes/FeishuMail/mime/reply';

const original: Original = {
	message_id: 'x',
	subject: 'Plan <Q3>',
	head_from: { mail_address: 'ann@example.com', name: 'Ann "A" <b>' },
	to: [{ mail_address: 'bob@example.org', name: 'Bob' }, { mail_address: 'carol@example.org' }],
	cc: [],
	internal_date: String(Date.parse('2026-11-24T09:05:00Z')),
	body_plain_text: 'First line\r\n\r\n<b>last</b> & "line"',
	body_html: '<p>First <b>line</b></p>',
};

const chinese = { ...original, subject: '计划' };

it('a plain reply has the mail below, line by line', () => {
	expect(withQuote({ text: 'Fine.' }, original, 'REPLY', 'America/New_York')).toEqual({
		text: `Fine.

> From: "Ann "A" <b>" <ann@example.com>
> Date: Tue, 24 Nov 2026 04:05 EST
> Subject: Plan <Q3>
> To: "Bob" <bob@example.org>, <carol@example.org>
>
> First line
>
> <b>last</b> & "line"`,
	});
});

it('a plain forwarded mail has a title', () => {
	expect(withQuote({ text: '' }, chinese, 'FORWARD', 'Asia/Shanghai').text).toBe(`

--------- 转发消息 ---------
发件人："Ann "A" <b>" <ann@example.com>
时间：2026年11月24日 (周二) 17:05
主题：计划
收件人："Bob" <bob@example.org>, <carol@example.org>

First line

<b>last</b> & "line"`);
	expect(withQuote({ text: '' }, original, 'FORWARD', 'UTC').text).toContain(
		'---------- Forwarded message ---------\nFrom: ',
	);
});

it('an HTML reply has a quote that the clients of Feishu fold, with the HTML of the mail as it is', () => {
	expect(withQuote({ html: '<p>Fine.</p>' }, original, 'REPLY', 'UTC')).toEqual({
		html:
			'<p>Fine.</p>' +
			'<div class="history-quote-wrapper"><div data-html-block="quote" data-mail-html-ignore="">' +
			'<div class="adit-html-block adit-html-block--collapsed"><div>' +
			'<div class="adit-html-block__attr history-quote-meta-wrapper">' +
			'<div>From: "Ann &quot;A&quot; &lt;b&gt;" &lt;<a href="mailto:ann%40example.com">ann@example.com</a>&gt;</div>' +
			'<div>Date: Tue, 24 Nov 2026 09:05 UTC</div>' +
			'<div>Subject: Plan &lt;Q3&gt;</div>' +
			'<div>To: "Bob" &lt;<a href="mailto:bob%40example.org">bob@example.org</a>&gt;, ' +
			'&lt;<a href="mailto:carol%40example.org">carol@example.org</a>&gt;</div>' +
			'</div>' +
			'<div><p>First <b>line</b></p></div>' +
			'</div></div></div></div>',
	});
});

it('an HTML forwarded mail has a quote that the clients of Feishu show', () => {
	const { html } = withQuote({ html: '' }, chinese, 'FORWARD', 'UTC');
	expect(html).toContain('<div class="adit-html-block adit-html-block--header">');
	expect(html).toContain('<div class="history-quote-forward-title">--------- 转发消息 ---------</div>');
});

it('a mail without HTML is quoted as text', () => {
	const { html } = withQuote({ html: '' }, { ...original, body_html: '' }, 'REPLY', 'UTC');
	expect(html).toContain(
		'<pre style="white-space: pre-wrap">First line\r\n\r\n&lt;b&gt;last&lt;/b&gt; &amp; &quot;line&quot;</pre>',
	);
});

it('an address brings nothing along', () => {
	const head_from = { mail_address: "eve?bcc=x&'@example.net" };
	const { html } = withQuote({ html: '' }, { ...original, head_from }, 'REPLY', 'UTC');
	expect(html).toContain(
		`<a href="mailto:eve%3Fbcc%3Dx%26'%40example.net">eve?bcc=x&amp;&#39;@example.net</a>`,
	);
});

it('texts in both forms are both quoted, and facts that are not known have no line', () => {
	const bare = { message_id: 'x', body_plain_text: 'Hello' };
	const { text, html } = withQuote({ text: 'a', html: 'b' }, bare, 'REPLY', 'UTC');
	expect(text).toBe('a\n\n>\n> Hello');
	expect(html).toContain('history-quote-meta-wrapper"></div><pre');
});
