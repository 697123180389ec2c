/* gradpath help: topics in prose, and the help of a command. */
#include "cli.h"

#include <stdio.h>
#include <string.h>

typedef struct topic {
  const char *name, *summary, *text;
} topic;

static const topic topics[] = {
    {"config", "how a sweep is written",
     "A configuration is a YAML file. Every scalar may be a list or a range: that makes it an axis, and axes "
     "multiply.\n"
     "\n"
     "  study: my-study                     # names the result: results/my-study.h5\n"
     "  question: What happens?             # optional\n"
     "  data:   {name: spirals, samples: 512, test: 256, noise: 0.1}\n"
     "  model:\n"
     "    depth: [1, 2, 5, 10]              # hidden layers; a list sweeps\n"
     "    width: 32                         # or shape: \"64-16-64\"\n"
     "    activation: [sigmoid, relu]       # an item with options: {name: leaky_relu, slope: 0.1}\n"
     "    init: auto                        # xavier, he, lecun ... by the activation\n"
     "  train:\n"
     "    optimizer: {name: sgd, momentum: 0.9}\n"
     "    learning_rate: {from: 1e-3, to: 10, points: 7, scale: log}\n"
     "    batch: 64                         # or full\n"
     "    steps: 1000\n"
     "  seed: 0..4                          # inclusive; seeds are replicates\n"
     "  record:\n"
     "    checkpoints: {log: 30}            # or {every: 10}, or a list\n"
     "\n"
     "Ranges: a..b, a..b..step, {from, to, points|step, scale: linear|log}. On the command line the same "
     "settings are\n"
     "written key=value, by path or by a unique last name, and replace the file's:\n"
     "\n"
     "  gradpath run my.yaml depth=2,5,10 learning_rate=log(1e-4,1,9) seed=0..9 activation=relu\n"
     "\n"
     "sweep: {zip: [[model.width, train.learning_rate]], random: 200, where: \"depth * width <= 4096\"} ties "
     "axes,\n"
     "samples them, or leaves combinations out; {refine: ...} spends runs only where verdicts change "
     "(gradpath help "
     "refine).\n"
     "`gradpath list` names every item with its options, ranges "
     "and defaults;\n"
     "`gradpath plan my.yaml` says what a configuration would run, how long it would take and how large its "
     "file gets.\n"},
    {"refine", "maps that spend runs only where verdicts change",
     "A map of two settings is mostly of one colour; what one wants to see are the boundaries.\n"
     "\n"
     "  train:\n"
     "    learning_rate: {from: 1e-3, to: 10, points: 17, scale: log}    # ranges by points\n"
     "    optimizer: {name: sgd, momentum: {from: 0, to: 0.96, points: 17}}\n"
     "  sweep: {refine: {x: learning_rate, y: optimizer_momentum, until: 256}}\n"
     "\n"
     "First all pairs of the written points run, here 17 x 17. Then every cell between neighbouring points "
     "is "
     "halved in both\n"
     "directions whose border is not all of one verdict (that of most seeds; a failed run counts as one of "
     "its "
     "own kind),\n"
     "round after round, until the finest grid has at most `until` steps from one end of an axis to the "
     "other: "
     "256, so 257\n"
     "points a side. The values are exactly those of a full grid with that many points. Whole numbers end "
     "where "
     "no others\n"
     "lie between. Every combination of the other axes has a map of its own.\n"
     "\n"
     "The result does not depend on threads or interruptions; the same command continues, a larger `until`, "
     "more "
     "seeds or\n"
     "other values extend. What is thinner than a cell of the first round and touches none of its points is "
     "not "
     "seen: give\n"
     "the first round enough of them. `plan` says what the map costs at least and at most, `run` at the end "
     "what "
     "it saved.\n"
     "Shards and MPI are refused (a round needs all verdicts of the one before), and so are random and "
     "where.\n"
     "configs/refined-fractal.yaml is an example.\n"},
    {"columns", "what a result file holds",
     "Per run: every parameter by its last name (activation, depth, width, learning_rate, seed ...; an "
     "item's options\n"
     "carry their family: activation_slope, optimizer_momentum), and the results: status, verdict, "
     "conditions,\n"
     "steps_done, diverged_at, gradient_factor, gradient_span, final_loss, best_loss ...\n"
     "\n"
     "Per checkpoint (run, checkpoint): loss, batch_loss, accuracy, gradient_norm ... on training and test "
     "data.\n"
     "Per layer (run, checkpoint, layer): weight_gradient_norm, delta_rms, dead_fraction, update_ratio ...\n"
     "\n"
     "gradient_factor is what the error signal is multiplied by for one layer further back: below 1 it "
     "vanishes toward\n"
     "the input, above 1 it explodes. gradient_span is the same over the whole net, in decades. Both are "
     "measured at\n"
     "initialisation, and missing with fewer than three hidden layers.\n"
     "\n"
     "`gradpath list probes` says what each measured column means; `gradpath show FILE --columns all` shows "
     "them all.\n"},
    {"probes", "what is measured, and when",
     "record.probes lists names and groups; `gradpath list probes` has them all with their definitions and "
     "options.\n"
     "\n"
     "  record:\n"
     "    checkpoints: {log: 30}            # losses, verdicts, and every probe that says nothing else\n"
     "    probes:\n"
     "      - all                           # groups gradients, activations, weights\n"
     "      - {name: noise, every: 10}      # steps 0, 10, 20, ...\n"
     "      - {name: sharpness, log: 12, samples: 256}\n"
     "      - {name: spectra, at: [0, 1000]}\n"
     "\n"
     "Groups: gradients, activations, weights (together: all); noise (all and noise: panel); dynamics; "
     "rules, what the rule\n"
     "books look at; histograms, 64 counts per layer; and on a copy of the network in double, which costs "
     "more: curvature, jacobian, kernel, "
     "pairs, spectra,\n"
     "precision. On the command line: record.probes='all,noise(every=10),sharpness(log=12;samples=256)'.\n"
     "\n"
     "The file's checkpoint dimension has every step at which anything was measured; the rest is missing "
     "(NaN). The\n"
     "training set as a whole is evaluated at record.checkpoints only, so that probes at every step stay "
     "cheap.\n"
     "Measuring changes no other number.\n"},
    {"verdicts", "how a run is judged",
     "First match wins; a run trained when its final loss is below half of the best constant predictor's.\n"
     "\n"
     "  diverged     the loss became non-finite, or ended above ten times the baseline\n"
     "  dead         a layer with more than 90 % dead units, or error signals exactly 0\n"
     "  vanishing    the gradient falls by three decades or more toward the input\n"
     "  exploding    it grows by as much, or its norm grew a thousandfold\n"
     "  saturated    a layer with more than 90 % saturated units\n"
     "  oscillating  the loss keeps rising and falling\n"
     "  stalled      none of these, and yet it did not train\n"
     "  healthy      it trained\n"
     "\n"
     "All but diverged and healthy are verdicts of runs that did not train. The column `conditions` holds "
     "every\n"
     "condition that was met, whether the run trained or not. Thresholds are settings (`verdict:`); "
     "`gradpath show FILE --threshold span=2`\njudges a file again with others.\n"},
    {"exit-codes", "what a script can rely on",
     "    0  done\n"
     "    1  the answer is no: a claim does not hold, a gradient check is off, a run failed under "
     "--fail-fast\n"
     "    2  usage, configuration or data error; nothing was written\n"
     "   74  input/output error: unwritable output, full disk; what was committed is safe\n"
     "   75  stopped by SIGTERM; the same command continues\n"
     "  130  interrupted; the same command continues\n"},
    {"resume", "stopping and continuing",
     "A finished run is never lost and never computed twice. While a sweep runs, finished runs go to "
     "FILE.journal; at\n"
     "the end they are packed into FILE. Ctrl-C finishes what is in flight (two seconds at most), packs, and "
     "prints the\n"
     "command that continues; the same command simply computes what is missing. Adding values to an axis "
     "computes only\n"
     "the new runs. A file that holds runs of another configuration is refused and left alone; --fresh keeps "
     "it as\n"
     "FILE.1 and starts anew. --retry failed computes runs again that ended as timeout, out_of_memory or "
     "error.\n"},
    {"cluster", "many machines",
     "MPI, where the program was built with it (cmake -DGRADPATH_MPI=ON, by default when MPI is found):\n"
     "\n"
     "  mpirun -n 8 --map-by slot:PE=4 gradpath run my.yaml -j 4\n"
     "\n"
     "The ranks share one sweep and one output. Rank 0 hands out the runs, longest first, and computes like "
     "the others; "
     "every\n"
     "rank keeps a journal of its own (FILE.journal, FILE.journal.1, ...), and rank 0 packs them at the end. "
     "mpirun binds "
     "a rank\n"
     "to one core unless it is told otherwise (PE=4 above, or --bind-to none). A rank that dies ends the "
     "job; the same "
     "command,\n"
     "with any number of ranks or without mpirun, continues.\n"
     "\n"
     "Job arrays: `--shard I/N` computes every N-th run into a file of its own; in a Slurm array that is the "
     "default. "
     "`gradpath\n"
     "merge` joins the files. scripts/slurm in the source holds batch files for both ways.\n"},
};
enum { TOPICS = sizeof topics / sizeof topics[0] };

size_t cli_help_topics(const char *names[static CLI_TOPICS_MAX]) {
  size_t count = 0;
  for (size_t t = 0; t < TOPICS; t++) names[count++] = topics[t].name;
  for (const cli_command *const *c = cli_commands; *c != NULL; c++) names[count++] = (*c)->name;
  return count;
}

static gp_status unknown_topic(const char *word) {
  const char *names[CLI_TOPICS_MAX];
  return cli_unknown("topic", word, names, cli_help_topics(names));
}

static gp_status run(const cli_call *call) {
  if (call->operand_count == 0) {
    cli_help_program();
    printf("\nTopics (gradpath help TOPIC):\n");
    for (size_t t = 0; t < TOPICS; t++) printf("  %-10s %s\n", topics[t].name, topics[t].summary);
    return GP_OK;
  }
  const char *word = call->operands[0];
  for (size_t t = 0; t < TOPICS; t++)
    if (strcmp(topics[t].name, word) == 0) {
      fputs(topics[t].text, stdout);
      return GP_OK;
    }
  const cli_command *command = cli_command_find(word);
  if (command == NULL) return unknown_topic(word);
  cli_help_command(command);
  return GP_OK;
}

extern const cli_command cli_help;
const cli_command cli_help = {
    .name = "help",
    .operands = "[TOPIC | COMMAND]",
    .summary = "Explain a topic or a command",
    .details = "Topics: config, columns, verdicts, exit-codes, resume, cluster.\n",
    .flags = NULL,
    .least = 0,
    .most = 1,
    .run = run,
};
