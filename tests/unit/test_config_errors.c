/* Bad configurations: each is refused before the first run, with exit status 2, the place and what would be right. */
#include <criterion/criterion.h>
#include <string.h>
#include <time.h>

#include "plan_case.h"

typedef struct bad_case {
  const char *text, *override; /* override: NULL or key=value */
  const char *message;         /* a part of it, the place included where there is one */
} bad_case;

#define T           "study: t\n"
#define MODEL(line) T "model:\n  " line "\n"
#define TRAIN(line) T "train:\n  " line "\n"
#define RATES                                                                                                \
  "model: {width: {from: 4, to: 16, points: 4}}\n"                                                           \
  "train: {learning_rate: {from: 1e-3, to: 10, points: 3, scale: log}}\n"

static const bad_case cases[] = {
    /* the text */
    {"", NULL, "sweep.yaml: error: the configuration is empty"},
    {"# nothing\n", NULL, "the configuration is empty"},
    {"study: t\nmodel: [", NULL, "error: did not find expected node content"},
    {"study: t\nmodel: {depth: 3\n", NULL, "sweep.yaml:3:1: error: "},
    {"study: \"t\n", NULL, "error: found unexpected end of stream"},
    {"study: t\n\tdepth: 3\n", NULL, "sweep.yaml:2:1: error: "},
    {"study: t\nmodel:\n  depth: \xff\n", NULL, "sweep.yaml:3:10: error: the text is not UTF-8 here"},
    {"study: t\nquestion: \xc3\xa9\xed\xa0\x80\n", NULL, "sweep.yaml:2:12: error: the text is not UTF-8"},
    {"study: t\x07\n", NULL, "sweep.yaml:1:9: error: control character 0x07"},
    {"study: \"t\\x07\"\n", NULL, "sweep.yaml:1:8: error: control character"},
    {"study: t\nmodel: &a {depth: 3}\n", NULL, "sweep.yaml:2:8: error: anchors"},
    {"study: t\nmodel: *a\n", NULL, "sweep.yaml:2:8: error: aliases"},
    {"study: t\nseed: !!int 3\n", NULL, "sweep.yaml:2:7: error: tags"},
    {"study: t\n---\nstudy: u\n", NULL, "sweep.yaml:2:1: error: a second document"},
    {"study: t\nstudy: u\n", NULL, "sweep.yaml:2:1: error: key 'study' is repeated; it stands in line 1"},
    {MODEL("depth: 1\n  width: 2\n  depth: 3"), NULL, "sweep.yaml:5:3: error: key 'depth' is repeated"},
    {"? [a]\n: b\n", NULL, "sweep.yaml:1:3: error: a key must be a word"},
    {"[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]\n", NULL, "sweep.yaml:1:17: error: nested more than 16 deep"},
    {"- a\n- b\n", NULL, "sweep.yaml:1:1: error: a configuration is a mapping of keys, not a list"},
    {"word\n", NULL, "sweep.yaml:1:1: error: a configuration is a mapping"},
    /* keys */
    {"model: {depth: 3}\n", NULL, "sweep.yaml: error: 'study' is missing"},
    {"study: a/b\n", NULL, "sweep.yaml:1:8: error: study must be"},
    {"study: ../x\n", NULL, "sweep.yaml:1:8: error: study must be"},
    {"study: -x\n", NULL, "sweep.yaml:1:8: error: study must be"},
    {"study: ''\n", NULL, "sweep.yaml:1:8: error: study must be"},
    {"study: [a]\n", NULL, "sweep.yaml:1:8: error: study must be a text, not a list"},
    {T "modle: {depth: 3}\n", NULL, "sweep.yaml:2:1: error: unknown key 'modle'; did you mean 'model'?"},
    {T "depth: 3\n", NULL, "sweep.yaml:2:1: error: unknown key 'depth'; it belongs in 'model'"},
    {TRAIN("depth: 3"), NULL, "sweep.yaml:3:3: error: unknown key 'depth' of train; it belongs in 'model'"},
    {MODEL("dpeth: 3"), NULL, "sweep.yaml:3:3: error: unknown key of model 'dpeth'; did you mean 'depth'?"},
    {T "model: 3\n", NULL, "sweep.yaml:2:8: error: model must be a mapping, not a word"},
    {T "train: [1]\n", NULL, "sweep.yaml:2:8: error: train must be a mapping, not a list"},
    {T "limits: {seconds: 3}\n", NULL, "sweep.yaml:2:10: error: unknown key of limits 'seconds'"},
    {T "limits: {run_seconds: -1}\n", NULL, "sweep.yaml:2:23: error: run_seconds must be a number from 0"},
    /* numbers */
    {MODEL("depth: three"), NULL,
     "sweep.yaml:3:10: error: depth must be a whole number from 0 to 10000, not three"},
    {MODEL("depth: -1"), NULL,
     "sweep.yaml:3:10: error: depth must be a whole number from 0 to 10000, not -1"},
    {MODEL("depth: 2.5"), NULL, "sweep.yaml:3:10: error: depth must be a whole number"},
    {MODEL("depth:"), NULL, "error: depth has no value"},
    {MODEL("depth: nan"), NULL, "sweep.yaml:3:10: error: depth must be"},
    {MODEL("width: 0x10"), NULL, "sweep.yaml:3:10: error: width must be"},
    {MODEL("width: 1e99"), NULL, "sweep.yaml:3:10: error: width must be"},
    {TRAIN("learning_rate: fast"), NULL, "sweep.yaml:3:18: error: learning_rate must be a number from 0 to"},
    {TRAIN("learning_rate: -0.1"), NULL, "sweep.yaml:3:18: error: learning_rate must be"},
    {TRAIN("learning_rate: inf"), NULL, "sweep.yaml:3:18: error: learning_rate must be"},
    {TRAIN("batch: half"), NULL, "sweep.yaml:3:10: error: batch must be a whole number from 1"},
    {TRAIN("batch: 0"), NULL, "sweep.yaml:3:10: error: batch must be"},
    {TRAIN("optimizer: {name: sgd, momentum: 1}"), NULL,
     "sweep.yaml:3:36: error: momentum must be a number from 0 and below 1, not 1"},
    {T "seed: -1\n", NULL, "sweep.yaml:2:7: error: seed must be a whole number from 0"},
    {T "seed: 1.5\n", NULL, "sweep.yaml:2:7: error: seed must be"},
    /* lists and ranges */
    {MODEL("depth: []"), NULL, "sweep.yaml:3:10: error: depth: an empty list has no values"},
    {MODEL("depth: [1, [2, 3]]"), NULL, "sweep.yaml:3:14: error: depth: a list inside a list"},
    {MODEL("depth: [1, 2, 1]"), NULL, "sweep.yaml:3:10: error: depth: the value 1 is there twice"},
    {TRAIN("learning_rate: [0.1, 1e-1]"), NULL,
     "sweep.yaml:3:18: error: learning_rate: the value 0.1 is there twice"},
    {MODEL("depth: 5..1"), NULL, "sweep.yaml:3:10: error: depth: the range from 5 to 1 by 1 is empty"},
    {MODEL("depth: 1.."), NULL, "sweep.yaml:3:10: error: depth: '1..' is no range a..b"},
    {MODEL("depth: 1..9..2..3"), NULL, "sweep.yaml:3:10: error: depth: '1..9..2..3' is no range"},
    {MODEL("depth: 1..9..0"), NULL, "error: depth: the step of a range cannot be 0"},
    {MODEL("depth: 1..2..0.5"), NULL, "error: depth must be a whole number from 0 to 10000, not 1.5"},
    {T "seed: 0..99999999\n", NULL, "sweep.yaml:2:7: error: seed: 100000000 values; an axis has at most"},
    {TRAIN("learning_rate: 1e-3..1e-2"), NULL,
     "sweep.yaml:3:18: error: learning_rate: '1e-3..1e-2' needs a step, because its ends are not whole"},
    {TRAIN("learning_rate: range(1, 3)"), NULL,
     "sweep.yaml:3:18: error: learning_rate: range() is not taken"},
    {TRAIN("learning_rate: exp(1)"), NULL,
     "unknown function in 'exp(1)'; legal are log(a,b,n) and lin(a,b,n)"},
    {TRAIN("learning_rate: log(1, 2)"), NULL, "must be log(from,to,points)"},
    {TRAIN("learning_rate: log(0, 2, 3)"), NULL, "a log range needs ends above 0"},
    {TRAIN("learning_rate: {from: 1, to: 2}"), NULL,
     "sweep.yaml:3:18: error: learning_rate: a range needs from, to"},
    {TRAIN("learning_rate: {from: 1, to: 2, points: 2, step: 1}"), NULL, "and one of points and step"},
    {TRAIN("learning_rate: {from: 1, to: 2, number: 3}"), NULL,
     "sweep.yaml:3:35: error: unknown key of a range 'number'"},
    {TRAIN("learning_rate: {from: 1, to: 2, points: 3, scale: lg}"), NULL,
     "unknown scale 'lg'; did you mean 'log'?"},
    {TRAIN("learning_rate: {from: 1, to: 2, points: 0}"), NULL,
     "points must be a whole number of at least 1"},
    {TRAIN("learning_rate: {from: 1, to: x, points: 3}"), NULL,
     "sweep.yaml:3:32: error: learning_rate: 'to' must be a number"},
    /* items and words */
    {MODEL("activation: [relu, sigmiod]"), NULL,
     "sweep.yaml:3:22: error: unknown activation 'sigmiod'; did you mean 'sigmoid'?\n"
     "     3 |   activation: [relu, sigmiod]\n"
     "       |                      ^\n"
     "legal are linear, sign, "},
    {MODEL("activation: xyzzy"), NULL, "sweep.yaml:3:15: error: unknown activation 'xyzzy'\n"},
    {MODEL("activation: {slope: 0.1}"), NULL, "sweep.yaml:3:15: error: activation needs a name"},
    {MODEL("activation: {name: leaky_relu, slop: 0.1}"), NULL,
     "sweep.yaml:3:34: error: unknown option of leaky_relu 'slop'; did you mean 'slope'?"},
    {MODEL("activation: {name: relu, slope: 0.1}"), NULL,
     "sweep.yaml:3:28: error: unknown option of relu 'slope'"},
    {MODEL("activation: [relu, relu]"), NULL,
     "sweep.yaml:3:15: error: activation: the value relu is there twice"},
    {MODEL("activation: [[relu]]"), NULL,
     "sweep.yaml:3:16: error: activation must be named by a word, not a list"},
    {MODEL("activation: {name: [leaky_relu, {name: leaky_relu, slope: 0.3}], slope: 0.1}"), NULL,
     "error: 'slope' is given here and inside the list of names"},
    {MODEL("bias: no"), NULL, "sweep.yaml:3:9: error: bias must be true or false, not 'no'"},
    {MODEL("parametrization: nkt"), NULL,
     "sweep.yaml:3:20: error: unknown parametrization 'nkt'; did you mean 'ntk'?"},
    {T "precision: float8\n", NULL, "sweep.yaml:2:12: error: unknown precision 'float8'"},
    {T "data: spirales\n", NULL, "sweep.yaml:2:7: error: unknown data 'spirales'; did you mean 'spirals'?"},
    {T "data: {name: spirals, smaples: 3}\n", NULL,
     "sweep.yaml:2:23: error: unknown option of spirals 'smaples'; did you mean 'samples'?"},
    {T "data: {name: spirals, scale: [0]}\n", NULL, "sweep.yaml:2:30: error: scale: a range has two ends"},
    {T "data: {name: spirals, scale: [1, 0]}\n", NULL,
     "sweep.yaml:2:30: error: scale: the lower end must be below"},
    {T "data: {name: csv}\n", NULL, "sweep.yaml:2:7: error: data 'csv' needs 'file'"},
    {T "data: {name: csv, file: /no/such/file.csv, target: y}\n", NULL,
     "sweep.yaml:2:19: error: /no/such/file.csv"},
    /* record */
    {T "record: {checkpoints: {lgo: 3}}\n", NULL,
     "sweep.yaml:2:24: error: unknown spacing of checkpoints 'lgo'; did you mean 'log'?"},
    {T "record: {checkpoints: {every: 0}}\n", NULL,
     "sweep.yaml:2:31: error: every must be a whole number from 1"},
    {T "record: {checkpoints: [0, x]}\n", NULL, "sweep.yaml:2:27: error: checkpoints must be a whole number"},
    {T "record: {on: first}\n", NULL,
     "sweep.yaml:2:14: error: on: the first how many rows? write {first: 256}"},
    {T "record: {on: all}\n", NULL, "sweep.yaml:2:14: error: unknown on 'all'"},
    {T "record: {on: {last: 3}}\n", NULL, "error: unknown key of on 'last'"},
    {T "record: {probes: gradiants}\n", NULL,
     "sweep.yaml:2:18: error: record.probes: unknown probe 'gradiants'"},
    {T "record: {probes: [all, {name: sharpness, sample: 9}]}\n", NULL,
     "sweep.yaml:2:18: error: record.probes: 'sample=9' is no option of its probe"},
    {T "record: {probes: [{name: sharpness, samples: [1, 2]}]}\n", NULL,
     "sweep.yaml:2:46: error: option 'samples' of probe 'sharpness' is one number"},
    {T "record: {probes: [{samples: 3}]}\n", NULL, "sweep.yaml:2:19: error: a probe with options has a name"},
    {T "model: {norm: batch}\nrecord: {probes: jacobian_m1}\n", NULL,
     "sweep.yaml:3:18: error: record.probes: jacobian is of one example's outputs"},
    {T "model: {activation: sign}\nrecord: {probes: curvature}\n", NULL,
     "sweep.yaml:3:18: error: record.probes: curvature needs second derivatives, and 'sign' has none"},
    {T "train: {stop_on: [melted]}\n", NULL,
     "sweep.yaml:2:18: error: train.stop_on: unknown condition 'melted'"},
    /* what only a resolved spec can tell */
    {T "data: {name: spirals, samples: 32}\ntrain: {batch: 64}\n", NULL,
     "sweep.yaml:3:16: error: train.batch: 64 is more than the 32 training examples"},
    {T "data: gaussian\n", NULL,
     "error: train.loss: cross_entropy needs classes, but data 'gaussian' is regression"},
    {MODEL("shape: 8-x-8"), NULL, "sweep.yaml:3:10: error: model.shape: '8-x-8' is not a list of widths"},
    {MODEL("shape: '8-8'\n  width: [4, 8]"), NULL, "sweep.yaml:4:10: error: no run reads 'model.width'"},
    {T "data: {name: [xor, gaussian], noise: 0}\nmodel: {depth: [1, 2]}\ntrain: {batch: 4}\n", NULL,
     "in the run data=gaussian depth=1"},
    {T "data: xor\n", NULL,
     "sweep.yaml: error: the default batch of 64 is more than the 4 training examples of data 'xor'; "
     "write batch: full"},
    {T "data: xor\ntrain:\n  steps: 5\n", NULL,
     "sweep.yaml: error: the default batch of 64 is more than the 4 training examples of data 'xor'"},
    {T "data: {name: xor, scale_low: [0, 1]}\ntrain: {batch: 4}\n", NULL, "no run reads 'data.scale_low'"},
    {MODEL("activation: relu\n  init: [auto, he]"), NULL, "sweep.yaml:4:9: error: no run reads 'model.init'"},
    {T "data: {name: spirals, only_classes: 0-7}\n", NULL,
     "sweep.yaml:2:37: error: data.only_classes: there is no class 7"},
    {T "model: {bias: false, bias_init: constant}\n", NULL,
     "error: model.bias_init: the model has no biases"},
    {T "model: {init: {name: he, bias_mean: 1}, bias_init: normal}\n", NULL,
     "error: model.bias_init: normal, but model.init has a bias_mean or bias_variance of its own"},
    /* sweep */
    {T "sweep: {zipp: [[a, b]]}\n", NULL,
     "sweep.yaml:2:9: error: unknown key of sweep 'zipp'; did you mean 'zip'?"},
    {T "model: {depth: [1, 2], width: [4, 8, 16]}\nsweep: {zip: [[depth, width]]}\n", NULL,
     "sweep.yaml:3:23: error: zip: model.depth has 2 values and model.width has 3"},
    {T "model: {depth: [1, 2]}\nsweep: {zip: [[depth, widht]]}\n", NULL,
     "sweep.yaml:3:23: error: unknown parameter in zip 'widht'"},
    {T "model: {depth: [1, 2]}\nsweep: {zip: [[depth, width]]}\n", NULL,
     "zip: 'width' has no values in this configuration"},
    {T "model: {depth: [1, 2]}\nsweep: {zip: [[depth, depth]]}\n", NULL, "zip: 'depth' is tied twice"},
    {T "sweep: {zip: depth}\n", NULL, "sweep.yaml:2:14: error: zip must be a list"},
    {T RATES "sweep: {refine: {x: learning_rate, y: wdith, until: 8}}\n", NULL,
     "sweep.yaml:4:39: error: unknown parameter in refine 'wdith'; did you mean 'width'?"},
    {T RATES "sweep: {refine: {x: learning_rate, y: width, utnil: 8}}\n", NULL,
     "sweep.yaml:4:46: error: unknown key of refine 'utnil'; did you mean 'until'?"},
    {T RATES "sweep: {refine: {x: learning_rate, y: width}}\n", NULL,
     "sweep.yaml:4:17: error: refine needs 'until'"},
    {T RATES "sweep: {refine: width}\n", NULL,
     "sweep.yaml:4:17: error: refine must be {x: AXIS, y: AXIS, until: N}"},
    {T RATES "sweep: {refine: {x: learning_rate, y: width, until: 1}}\n", NULL,
     "sweep.yaml:4:53: error: until must be a whole number from 2"},
    {T RATES "sweep: {refine: {x: learning_rate, y: width, until: 3}}\n", NULL,
     "sweep.yaml:4:53: error: until: 3 leaves nothing to refine, the axes have 3 and 4 points"},
    {T RATES "sweep: {refine: {x: learning_rate, y: learning_rate, until: 8}}\n", NULL,
     "sweep.yaml:4:39: error: refine: x and y are the same axis"},
    {T RATES "sweep: {refine: {x: learning_rate, y: seed, until: 8}}\nseed: 0..3\n", NULL,
     "sweep.yaml:4:39: error: refine: 'seed' is no axis of a map"},
    {T RATES "sweep: {refine: {x: learning_rate, y: depth, until: 8}}\n", "depth=1,2",
     "depth is to be refined, so it must be a range by points"},
    {T RATES "sweep: {refine: {x: learning_rate, y: width, until: 8}, random: 5}\n", NULL,
     "sweep.yaml:4:9: error: random and refine both choose points"},
    {T RATES "sweep: {refine: {x: learning_rate, y: width, until: 8}, where: depth > 0}\n", NULL,
     "sweep.yaml:4:57: error: where and refine both choose points"},
    {T RATES "sweep: {refine: {x: learning_rate, y: width, until: 8}, zip: [[width, batch]]}\n",
     "batch=1,2,3,4", "sweep.yaml:4:64: error: zip ties an axis that refine refines"},
    {T "sweep: {random: 0}\n", NULL, "sweep.yaml:2:17: error: random must be a whole number from 1"},
    {T "sweep: {where: 'depth <'}\n", NULL, "sweep.yaml:2:24: error: where: the expression ends too early"},
    {T "sweep: {where: 'depth < 3)'}\n", NULL, "sweep.yaml:2:26: error: where: ')' was not expected"},
    {T "sweep: {where: '(depth < 3'}\n", NULL, "where: ')' is missing"},
    {T "sweep: {where: 'dpeth < 3'}\n", NULL,
     "sweep.yaml:2:17: error: unknown name in where 'dpeth'; did you mean 'depth'?"},
    {T "sweep: {where: 'activation < 3'}\n", NULL,
     "where: model.activation is a word and cannot be used as a number"},
    {T "sweep: {where: activation == rleu}\n", NULL,
     "sweep.yaml:2:30: error: unknown activation 'rleu'; did you mean 'relu'?"},
    {T "sweep: {where: depth > 5}\n", NULL, "sweep.yaml:2:16: error: where: no point of the grid meets it"},
    {T "seed: 0..999999\nmodel: {depth: 1..100}\n", NULL, "error: more than 20000000 runs"},
    {T "seed: 0..3999999\nmodel: {depth: [1, 2]}\ntrain: {steps: 1..9}\n", NULL,
     "sweep.yaml:4:16: error: the axes have more than 4000000 values in all"},
    /* overrides */
    {T, "depth", "command line: depth: error: an override is written key=value"},
    {T, "=3", "command line: =3: error: an override is written key=value"},
    {T, "depth=", "command line: depth=: error: a value is missing"},
    {T, "depth=1,,2", "command line: depth=1,,2: error: a value is missing"},
    {T, "dpeth=3", "command line: dpeth=3: error: unknown key 'dpeth'; did you mean 'depth'?"},
    {T, "train.widt=3", "train.widt=3: error: unknown key 'train.widt'; did you mean 'width'?"},
    {T, "bogus.depth=3",
     "error: unknown key 'bogus.depth'; did you mean 'depth'?\nthe sections are data, model, train, record, "
     "verdict, limits, sweep"},
    {T, "xyzzy=3", "error: unknown key 'xyzzy'; keys are paths such as model.depth or last names"},
    {MODEL("activation: [relu, {name: leaky_relu, slope: [0.1, 0.3]}]"), "activation.slope=0.2",
     "error: 'slope' is given inside the list of the configuration; override the whole list: "
     "activation='[relu, {name: leaky_relu, slope: 0.2}]'"},
    {T, "slope=0.1",
     "command line: slope=0.1: error: 'slope' is ambiguous; it could be model.activation.slope, "
     "model.output.slope"},
    {T, "activation.slope=0.1", "command line: activation.slope=0.1: error: unknown option of relu 'slope'"},
    {T, "activation_slope=0.1,0.2",
     "command line: activation_slope=0.1,0.2: error: unknown option of relu 'slope'"},
    {T, "activation=sigmiod",
     "command line: activation=sigmiod: error: unknown activation 'sigmiod'; did you mean 'sigmoid'?"},
    {T, "depth=2,two",
     "command line: depth=2,two: error: depth must be a whole number from 0 to 10000, not two"},
    {T, "depth=[1", "command line: depth=[1: error: "},
    {T, "study=a b", "command line: study=a b: error: study must be"},
    {T "model: 3\n", "depth=3", "sweep.yaml:2:8: error: model must be a mapping"},
};

Test(config_errors, each_has_its_message_and_status) {
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const bad_case *c = &cases[i];
    const char *overrides[] = {c->override, NULL};
    gp_plan *plan = NULL;
    gp_status status = plan_load(&plan, c->text, overrides);
    cr_expect_neq(status, GP_OK, "case %zu was taken:\n%s%s", i, c->text,
                  c->override != NULL ? c->override : "");
    if (status == GP_OK) gp_plan_free(plan);
    if (status == GP_OK) continue;
    cr_expect_eq(gp_exit_status(status), 2, "case %zu: exit status %d", i, gp_exit_status(status));
    cr_expect_not_null(strstr(gp_message(), c->message), "case %zu:\n%s\nwanted: %s\ngot: %s", i, c->text,
                       c->message, gp_message());
    cr_expect_null(plan, "case %zu left a plan", i);
  }
}

/* One key, one override; an option set before its item would be dropped by it. */
Test(config_errors, a_second_override_of_a_key_is_refused) {
  static const struct {
    const char *first, *second, *message;
  } pairs[] = {
      {"depth=3", "depth=4", "command line: depth=4: error: model.depth is already set by 'depth=3'"},
      {"depth=3", "model.depth=4", "error: model.depth is already set by 'depth=3'"},
      {"depth=1,2", "depth=4", "error: model.depth is already set by 'depth=1,2'"},
      {"data=xor", "data=moons", "error: data is already set by 'data=xor'"},
      {"data.seed=1", "data=moons", "error: data is already set by 'data.seed=1'"},
      {"study=a", "study=b", "error: study is already set by 'study=a'"},
      {"activation.slope=0.1", "activation=leaky_relu",
       "error: model.activation is already set by 'activation.slope=0.1'"},
      {"activation=leaky_relu", "activation.slope=0.1", NULL}};
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
    const char *overrides[] = {pairs[i].first, pairs[i].second, NULL};
    gp_plan *plan = NULL;
    gp_status status = plan_load(&plan, T, overrides);
    gp_status wanted = pairs[i].message != NULL ? GP_ERR_CONFIG : GP_OK;
    cr_expect_eq(status, wanted, "case %zu: %s", i, gp_message());
    if (status != GP_OK && pairs[i].message != NULL)
      cr_expect_not_null(strstr(gp_message(), pairs[i].message), "case %zu: %s", i, gp_message());
    gp_plan_free(plan);
  }
}

/* Texts that keep careless readers busy: the depth limit comes before libyaml's own work. Well under a second each, even
 * under sanitizers and on a busy machine. */
Test(config_errors, hostile_texts_are_refused_quickly) {
  static const char *const parts[] = {"[",  "{", "- ", "? ", "a: [",   "!",   "&a ",
                                      "\"", "'", "%",  "|",  "- - [{", "\n- "};
  enum { BYTES = 200000 };
  static char text[BYTES + 1];
  for (size_t p = 0; p < sizeof parts / sizeof parts[0]; p++) {
    size_t n = strlen(parts[p]);
    for (size_t i = 0; i + n <= BYTES; i += n) memcpy(text + i, parts[p], n);
    text[BYTES / n * n] = '\0';
    struct timespec start, end;
    gp_plan *plan = NULL;
    clock_gettime(CLOCK_MONOTONIC, &start);
    gp_status status = plan_load(&plan, text, NULL);
    clock_gettime(CLOCK_MONOTONIC, &end);
    double seconds = (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
    cr_expect_eq(status, GP_ERR_CONFIG, "'%s' was taken", parts[p]);
    cr_expect_lt(seconds, 1.0, "'%s' took %g s", parts[p], seconds);
  }
}

Test(config_errors, too_large_a_file) {
  enum { BYTES = (1 << 20) + 1 };
  static char text[BYTES + 1];
  gp_plan *plan = NULL;
  memset(text, '#', BYTES);
  cr_assert_eq(plan_load(&plan, text, NULL), GP_ERR_CONFIG);
  cr_assert_not_null(strstr(gp_message(), "a configuration has at most 1048576"), "%s", gp_message());
}

/* Every prefix of a full configuration, and every byte of it damaged, is taken or refused, never worse. Worth most under
 * the sanitizers. */
Test(config_errors, damaged_texts) {
  static const char full[] =
      "study: t\nquestion: 'q?'\ndata: {name: [xor, {name: spirals, samples: [64, 128]}], noise: [0, 0.1], "
      "scale: [0, 1]}\n"
      "model:\n  depth: [1, 2..3]\n  activation: [relu, {name: leaky_relu, slope: 0.1}]\n  width: "
      "log(4,16,3)\n"
      "train:\n  batch: 4\n  steps: 10\n  learning_rate: {from: 1e-3, to: 1, points: 3, scale: log}\nseed: "
      "0..1\n"
      "record: {checkpoints: {log: 5}, on: batch, probes: [gradients]}\nlimits: {run_seconds: 3}\n"
      "sweep: {zip: [[depth, learning_rate]], random: 5, where: \"depth * width <= 4096 and activation != "
      "tanh\"}\n";
  static const char bytes[] = "[]{}:,'\"&*!|>%#-. 0a\n\t\xc3";
  char text[sizeof full];
  size_t taken = 0;
  for (size_t i = 0; i < sizeof full - 1; i++)
    for (size_t b = 0; b < sizeof bytes; b++) {
      gp_plan *plan = NULL;
      memcpy(text, full, sizeof full);
      text[i] = bytes[b]; /* the last of the bytes is the end: a prefix */
      if (b % 4 != i % 4 && b + 1 < sizeof bytes) continue;
      if (plan_load(&plan, text, NULL) != GP_OK) {
        cr_expect_neq(gp_message()[0], '\0');
        continue;
      }
      taken++;
      gp_plan_free(plan);
    }
  cr_assert_gt(taken, 10); /* or the undamaged text is not the configuration it seems */
}
