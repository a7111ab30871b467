// Reads an address with the fetch of Node.js: what went wrong, or how many bytes came, on standard output.
try {
  const response = await fetch(process.argv[2]);
  console.log(response.status, (await response.arrayBuffer()).byteLength);
} catch (error) {
  console.log(error.message);
  process.exitCode = 1;
}
