/* The data sets, as the list in data_list.c names them.
 *
 * To add one: write a file with its options struct, its table of option rows, its `make` and its gp_data_item
 * (blobs.c is the shortest model; generate.h has what generators share), declare the item here and give it
 * one line in data_list.c. Its config name, `list`, help, validation and the contract tests follow from the
 * item. */
#ifndef GP_DATA_LIST_H
#define GP_DATA_LIST_H

#include "dataset.h"

extern const gp_data_item gp_data_xor, gp_data_gate, gp_data_spirals, gp_data_circles, gp_data_moons,
    gp_data_blobs;
extern const gp_data_item gp_data_gaussian, gp_data_teacher;
extern const gp_data_item gp_data_parity, gp_data_checkerboard, gp_data_sine, gp_data_chebyshev;
extern const gp_data_item gp_data_linear_teacher, gp_data_identity, gp_data_two_point, gp_data_constant;
extern const gp_data_item gp_data_idx, gp_data_csv;

#endif
