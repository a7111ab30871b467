// Runs queries with Comunica: a JSON list of {query, sources} on standard input, a JSON list of answers on
// standard output.
import { QueryEngine } from '@comunica/query-sparql';
import { text } from 'node:stream/consumers';

const engine = new QueryEngine();
const answers = [];
for (const { query, sources } of JSON.parse(await text(process.stdin))) {
  const result = await engine.query(query, { sources });
  const found = await result.execute();
  if (result.resultType === 'boolean') {
    answers.push(found);
  } else if (result.resultType === 'quads') {
    answers.push((await found.toArray()).map((q) => [q.subject.value, q.predicate.value, q.object.value]));
  } else {
    answers.push((await found.toArray()).map((row) =>
      Object.fromEntries([...row].map(([variable, term]) => [variable.value, term.value]))));
  }
}
console.log(JSON.stringify(answers));
