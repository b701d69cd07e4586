// Plain old JavaScript on purpose: this file must say what is wrong on the very Node that is too old for everything else.
var needed = [22, 19];
var found = process.versions.node.split('.').map(Number);

if (found[0] < needed[0] || (found[0] === needed[0] && found[1] < needed[1])) {
  console.error(
    'Node ' +
      process.versions.node +
      ' is too old: this project needs ' +
      needed.join('.') +
      ' or later. Run `npm ci` without --ignore-scripts (it brings a Node of its own), then start it with `npm run ...`.',
  );
  process.exit(1);
}
