'use strict';
// Requests to the server, with its key where it asks for one.

let key = sessionStorage.getItem('crayon-key') || '';

function askForKey() {
  const dialog = document.getElementById('ask-key');
  const field = document.getElementById('key');
  if (dialog.open) return new Promise(done => dialog.addEventListener('close', done, { once: true }));
  field.value = '';
  dialog.showModal();
  return new Promise(done => dialog.addEventListener('close', () => {
    key = field.value.trim();
    sessionStorage.setItem('crayon-key', key);
    done();
  }, { once: true }));
}

export class ServerError extends Error {
  constructor(error) { super(error.message); }
}

// A response that is as it should be; else what the server says is thrown.
export async function request(path, options = {}) {
  for (;;) {
    const headers = { ...options.headers };
    if (key) headers.Authorization = 'Bearer ' + key;
    let response;
    try {
      response = await fetch(path, { ...options, headers });
    } catch (error) {
      if (error.name === 'AbortError') throw error;
      throw new Error('The server does not answer. Is it still running?');
    }
    if (response.ok) return response;
    let said = { message: 'The server answers with status ' + response.status + '.' };
    try { said = (await response.json()).error || said; } catch { /* no JSON: the status has to do */ }
    if (response.status !== 401) throw new ServerError(said);
    await askForKey();
    if (!key) throw new ServerError(said);
  }
}

export async function json(path, options) { return (await request(path, options)).json(); }

export const post = (path, body, options = {}) => request(path, {
  method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body), ...options,
});

// The objects of a stream of server-sent events.
export async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      rest += value;
      let end;
      while ((end = rest.indexOf('\n\n')) >= 0) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        if (!line.startsWith('data: ')) continue;
        if (line === 'data: [DONE]') return;
        const event = JSON.parse(line.slice(6));
        if (event.error) throw new ServerError(event.error);
        yield event;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

// A picture's bytes as a data: address.
export function dataAddress(blob) {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => {
      // Some files have a type that the browser does not know; the server looks at the bytes.
      const text = reader.result;
      done(text.startsWith('data:image/') ? text : 'data:application/octet-stream;base64,' + text.slice(text.indexOf(',') + 1));
    };
    reader.onerror = () => failed(new Error('The file cannot be read.'));
    reader.readAsDataURL(blob);
  });
}
